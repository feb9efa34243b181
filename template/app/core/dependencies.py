"""What a route may ask for in its signature. The only module of `core` that sits above the services."""

import re
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPBearer

from app.components import Components
from app.core.clients import Client, client_of
from app.core.exceptions import NotAuthenticated
from app.core.pagination import PageQuery
from app.models.callers import Caller
from app.services.tokens import TokenService

# RFC 6750 §2.1; of several tokens none is believed.
BEARER = re.compile(r"bearer +(?P<token>[A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)
SOME_TOKEN = re.compile(r"bearer +[^ ]", re.IGNORECASE)

S = TypeVar("S")


def _components(request: Request) -> Components:
    components: Components = request.app.state.components
    return components


def provided(service: type[S]) -> Any:
    """Make a service for a route. The routers show its use."""

    async def make(request: Request) -> Any:
        return service(_components(request))  # type: ignore[call-arg]

    return Depends(make)


def presented_token(request: Request) -> str | None:
    """The bearer token of the request; None without one, and a text that opens nothing if it is not well-formed."""
    headers = request.headers.getlist("authorization")
    if not any(SOME_TOKEN.match(value) for value in headers):
        return None
    match = BEARER.fullmatch(headers[0])
    return match["token"] if match and len(headers) == 1 else ""


class _Bearer(HTTPBearer):
    """Declares the scheme in the OpenAPI document, and reads the header by the rules of `presented_token`."""

    async def __call__(self, request: Request) -> str | None:  # type: ignore[override]
        return presented_token(request)


async def current_caller(
    token: Annotated[str | None, Depends(_Bearer(bearerFormat="JWT", scheme_name="bearer"))],
    tokens: Annotated[TokenService, provided(TokenService)],
) -> Caller:
    """Let nobody in without a living session."""
    if token is None:
        raise NotAuthenticated
    return await tokens.authenticate(token)


async def _client(request: Request) -> Client:
    peer = request.client.host if request.client else ""
    forwarded = request.headers.getlist("x-forwarded-for")
    trusted = _components(request).settings.trusted_proxies
    return client_of(peer, forwarded, request.headers.get("user-agent"), trusted)


async def _presented_token(request: Request) -> str | None:
    return presented_token(request)


async def _if_match(
    request: Request,
    if_match: Annotated[str | None, Header(description="Change it only if this is still its `ETag`.")] = None,
) -> str | None:
    return if_match and _all_lines(request, "if-match")


async def _if_none_match(
    request: Request,
    if_none_match: Annotated[str | None, Header(description="The `ETag` of your copy: 304 if it is current.")] = None,
) -> str | None:
    return if_none_match and _all_lines(request, "if-none-match")


def _all_lines(request: Request, header: str) -> str:
    """RFC 9110 §5.3: a list may be split over several lines, of which the framework reads the first."""
    return ", ".join(request.headers.getlist(header))


async def public() -> None:
    """Mark a route that needs no caller. A test refuses routes that have neither this nor a caller."""


CurrentUser = Annotated[Caller, Depends(current_caller)]
CurrentClient = Annotated[Client, Depends(_client)]
PresentedToken = Annotated[str | None, Depends(_presented_token)]
Paging = Annotated[PageQuery, Query()]
IfMatch = Annotated[str | None, Depends(_if_match)]
IfNoneMatch = Annotated[str | None, Depends(_if_none_match)]
Public = Depends(public)
