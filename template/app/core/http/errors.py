"""Exception handlers: every exception becomes a problem. A 422 names places and rules, never what was sent."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from app.core.exceptions import AppError, FieldError, InvalidInput, UnsupportedMediaType, describe
from app.core.http.envelope import ResponseHeaders
from app.core.responses import error_response, phrase, problem, safe_name

UNREADABLE = FieldError("#", "json_invalid", "The body is not valid JSON.")
POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1


async def app_error(connection: Request | WebSocket, error: AppError) -> Response | None:
    """A service or a dependency refused."""
    response = error_response(error)
    if isinstance(connection, WebSocket):
        await _refuse(connection, response, error.detail)
        return None
    return response


async def http_exception(request: Request, error: HTTPException) -> Response:
    """The framework or a route raised it. Its status, headers and detail stay as they are."""
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods_of(request)))
    name = phrase(error.status_code)
    code = re.sub(r"\W+", "_", name).lower()
    detail: Any = error.detail
    if isinstance(detail, str):
        return problem(error.status_code, code, detail, headers=headers)
    return problem(error.status_code, code, name, headers=headers, data=detail)


async def validation_error(_: Request, error: RequestValidationError) -> Response:
    """422, or 415 if the body is not declared as JSON: FastAPI then passes its bytes on unparsed."""
    if isinstance(error.body, bytes):
        return error_response(UnsupportedMediaType())
    return error_response(InvalidInput(errors=[_field_error(found) for found in error.errors()]))


async def internal_error(request: Request, _: Exception) -> Response:
    """An error in middleware that an owner added outside of ours. Starlette logs it and asks for the response here."""
    response = error_response(AppError())
    ResponseHeaders(request.app.state.components.settings).add(response.raw_headers)
    return response


HANDLERS: Mapping[Any, Callable[..., Any]] = {
    AppError: app_error,
    HTTPException: http_exception,
    RequestValidationError: validation_error,
    Exception: internal_error,
}


async def _refuse(websocket: WebSocket, response: Response, reason: str) -> None:
    """Before the handshake with the response itself, where the server can send one; afterwards by closing."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(response)
    else:
        await websocket.close(POLICY_VIOLATION, reason)


def _methods_of(request: Request) -> set[str]:
    """Every method of the path. Starlette's own `Allow` lists only those of the first route."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return {
        method
        for route in iter_route_contexts(request.app.routes)
        if (regex := getattr(route, "path_regex", None)) is not None and regex.match(path)
        for method in route.methods or ()
    }


def _field_error(found: dict[str, Any]) -> FieldError:
    if found["type"] == UNREADABLE.code:
        return UNREADABLE
    return FieldError(_pointer(found["loc"]), found["type"], describe(found))


def _pointer(loc: tuple[str | int, ...]) -> str:
    """The place as a JSON pointer (RFC 6901) or `query:name`. Names are the client's, so only plain ones are shown."""
    origin, *path = loc
    names = [safe_name(str(part)) for part in path]
    return "/".join(["#", *names]) if origin == "body" else f"{origin}:{'.'.join(names)}"
