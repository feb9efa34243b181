"""Exception handlers: every exception becomes a problem. A 422 shows locations and rules, never values."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from inspect import isawaitable
from typing import Any, cast

from fastapi.exceptions import RequestValidationError, ValidationException, WebSocketRequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketState

from app.core import context
from app.core.exceptions import AppError, FieldError, InvalidInput, UnsupportedMediaType, describe
from app.core.http.envelope import ResponseHeaders, request_id_of
from app.core.responses import error_response, phrase, problem, route_path, safe_name

UNREADABLE = FieldError("#", "json_invalid", "The body is not valid JSON.")
# A body of 1 MiB could have a hundred thousand, and the response ten times its size.
MAX_REASONS = 100
POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1

Connection = Request | WebSocket


async def app_error(connection: Connection, error: AppError) -> Response | None:
    """The response to an error of a service or a dependency."""
    return await _respond(connection, error_response(error), error.code)


async def http_exception(connection: Connection, error: HTTPException) -> Response | None:
    """The framework or a route raised it. Its status, headers and detail stay as they are."""
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # Starlette's own `Allow` lists only the methods of the first route. Mounted static files have no routes.
        methods = _methods_of(connection) or {"GET", "HEAD"}
        if connection.scope["method"] not in methods:
            headers = {"Allow": ", ".join(sorted(methods))}
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": "Bearer", **headers}
    name = phrase(error.status_code)
    code = re.sub(r"\W+", "_", name).lower()
    detail: Any = error.detail
    members: dict[str, Any] = {} if isinstance(detail, str) else {"data": detail}
    text = detail if isinstance(detail, str) else name
    return await _respond(connection, problem(error.status_code, code, text, headers=headers, **members), code)


async def validation_error(connection: Connection, error: ValidationException) -> Response | None:
    """422, or 415 if the body is not declared as JSON: FastAPI then passes its bytes on unparsed."""
    not_json = isinstance(error, RequestValidationError) and isinstance(error.body, bytes)
    reasons = [_field_error(found) for found in error.errors()[:MAX_REASONS]]
    return await app_error(connection, UnsupportedMediaType() if not_json else InvalidInput(errors=reasons))


async def internal_error(request: Request, _: Exception) -> Response:
    """The response to an unexpected exception, which the server logs."""
    # Starlette calls this outside of all middleware if the exception comes from an owner's middleware.
    context.request_id.set(request_id_of(request.scope))
    response = error_response(AppError())
    ResponseHeaders(request.app.state.components.settings).add(response.raw_headers)
    return response


async def not_found(*_: object) -> None:
    """Starlette's own would close the handshake of a WebSocket, for which the server responds with an empty 403."""
    raise HTTPException(HTTPStatus.NOT_FOUND)


class ServerErrors(ServerErrorMiddleware):
    """Handles unexpected exceptions inside of CORS and the envelope, so that the 500 has their headers and is logged.

    Starlette does this only outside of all middleware. Calls the application's handler, which an owner may replace.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, handler=self._handle)

    async def _handle(self, request: Request, error: Exception) -> Response:
        handlers = request.app.exception_handlers
        response: Any = handlers.get(HTTPStatus.INTERNAL_SERVER_ERROR, handlers[Exception])(request, error)
        return cast("Response", await response if isawaitable(response) else response)


HANDLERS: Mapping[Any, Callable[..., Any]] = {
    AppError: app_error,
    HTTPException: http_exception,
    RequestValidationError: validation_error,
    WebSocketRequestValidationError: validation_error,
    Exception: internal_error,
}


async def _respond(connection: Connection, response: Response, reason: str) -> Response | None:
    """The response. A WebSocket gets it instead of a handshake; after the handshake it can only be closed."""
    if not isinstance(connection, WebSocket):
        return response
    connecting = connection.application_state is WebSocketState.CONNECTING
    if connecting and "websocket.http.response" in connection.scope.get("extensions", {}):
        return response
    if connection.application_state is not WebSocketState.DISCONNECTED:
        await connection.close(POLICY_VIOLATION, reason)
    return None


def _methods_of(connection: Connection) -> set[str]:
    """Every method of the path."""
    path = route_path(connection.scope)
    return {
        method
        for route in iter_route_contexts(connection.app.routes)
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
