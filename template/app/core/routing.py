"""Routers of this API, and what the framework's routing leaves open."""

from collections import defaultdict
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.exceptions import FieldError, InvalidInput, MethodNotAllowed, NotFound
from app.core.responses import answer, harmless

PREFIX = "/api/v1"


def api_router(resource: str) -> APIRouter:
    """A router for one resource: its name is the path's first part and the tag in the documentation."""
    return APIRouter(prefix=f"{PREFIX}/{resource}", tags=[resource])


class WellFormedQueries:
    """Refuses what decoding would let pass: bytes that are no UTF-8 turn into a replacement character, silently."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pairs = scope.get("query_string", b"").split(b"&")
        if reasons := [_ill_formed(pair) for pair in pairs if not _is_text(pair)]:
            await answer(InvalidInput(errors=reasons))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_text(query: bytes) -> bool:
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return False
    return True


def _ill_formed(pair: bytes) -> FieldError:
    name = pair.partition(b"=")[0].decode("ascii", "replace")
    return FieldError(f"query:{harmless(name)}", "string_unicode", "Only text in UTF-8 is accepted.")


class SpelledOutPaths:
    """A path that is spelled out wins over one with a parameter, whatever the method.

    Otherwise `DELETE /users/search` would be about a user called search, not a method that the path does not know. And
    nothing but that path is it: the framework lets a line break follow.
    """

    def __init__(self, app: ASGIApp, application: FastAPI) -> None:
        self.app = app
        self.methods: dict[str, set[str]] = defaultdict(set)
        for route in iter_route_contexts(application.routes):
            if route.path is not None and "{" not in route.path:
                self.methods[route.path] |= route.methods or set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if (known := self.methods.get(path)) and scope["method"] not in known:
            await answer(MethodNotAllowed(known))(scope, receive, send)
        elif path.endswith("\n") and path[:-1] in self.methods:
            await answer(NotFound())(scope, receive, send)
        else:
            await self.app(scope, receive, send)
