"""The outer layer of every request: its id, the headers of the response, and the access log."""

import asyncio
import re
import time
import uuid
from http import HTTPStatus
from urllib.parse import quote

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import context
from app.core.config import Settings
from app.core.exceptions import Unavailable
from app.core.responses import error_response

ACCEPTED_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}
# An HTML page comes from the owner of this project (an admin page, say) and has to load its own scripts and styles.
PAGE_HEADERS = {**HEADERS, "content-security-policy": "frame-ancestors 'none'; base-uri 'none'"}
STRICT_TRANSPORT_SECURITY = {"strict-transport-security": "max-age=63072000; includeSubDomains"}

# A response can also refuse the handshake of a WebSocket.
RESPONSE_STARTS = frozenset({"http.response.start", "websocket.http.response.start"})
# Without a response: a server accepts a handshake with 101, and refuses one that is closed with 403.
HANDSHAKES = {"websocket.accept": 101, "websocket.close": 403}
# With this message uvicorn cancels the requests that still run when it stops.
SERVER_STOPS = "graceful shutdown"

RawHeaders = list[tuple[bytes, bytes]]

log = structlog.get_logger("app.access")


class Stopping(Unavailable):
    """The process stops, and this request took longer than it waits."""

    code = "stopping"


class ResponseHeaders:
    """The headers that every response has. Headers set by a route are kept."""

    def __init__(self, settings: Settings) -> None:
        transport = STRICT_TRANSPORT_SECURITY if settings.production else {}
        self._headers, self._page_headers = (
            [(name.encode(), value.encode()) for name, value in (headers | transport).items()]
            for headers in (HEADERS, PAGE_HEADERS)
        )

    def add(self, raw: RawHeaders) -> None:
        """Add them to the headers of one response."""
        present = dict(raw)
        is_page = present.get(b"content-type", b"").startswith(b"text/html")
        headers = self._page_headers if is_page else self._headers
        request_id = (b"x-request-id", context.request_id.get().encode())
        raw.extend(header for header in [*headers, request_id] if header[0] not in present)


class Envelope:
    """Gives each request an id, and each response its headers and its line in the log."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.headers = ResponseHeaders(settings)
        self.development = settings.environment == "development"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        context.request_id.set(request_id)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status: int | None = None
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] in RESPONSE_STARTS:
                status = message["status"]
                raw: RawHeaders = list(message.get("headers", []))
                if status == HTTPStatus.NO_CONTENT:
                    raw = [header for header in raw if header[0] != b"content-type"]
                self.headers.add(raw)
                message["headers"] = raw
            elif status is None:
                status = HANDSHAKES.get(message["type"])
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except asyncio.CancelledError as error:
            if status or scope["type"] != "http" or SERVER_STOPS not in str(error):
                raise
            # Otherwise the server would log a traceback and respond with a 500 in plain text.
            await error_response(Stopping())(scope, receive, send_with_headers)
        except Exception as error:
            # The server logs the exception. Middleware that an owner adds may hide the request's context from it.
            error.add_note(f"request_id: {request_id}")
            raise
        finally:
            duration = round((time.perf_counter() - started) * 1000, 2)
            method = scope.get("method", "WEBSOCKET")
            missed = self.development and status == HTTPStatus.NOT_FOUND
            path = quote(scope["path"]) if missed else _route(scope)
            log.info("request.finished", method=method, path=path, status=status, duration_ms=duration)


def _route(scope: Scope) -> str:
    """The path of the route, not of the request: URLs may contain addresses and tokens, which must not be logged.

    During development, a 404 shows the path of the request instead, because a misspelled one is the usual reason.
    """
    return getattr(scope.get("route"), "path_format", "(unknown)")


def request_id_of(scope: Scope) -> str:
    """The id that the client sent, or a new one. `request.state.request_id` in routes and in outer middleware."""
    state = scope.setdefault("state", {})
    if "request_id" not in state:
        sent = Headers(scope=scope).get("x-request-id", "")
        state["request_id"] = sent if ACCEPTED_REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
    request_id: str = state["request_id"]
    return request_id
