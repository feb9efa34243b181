"""The outermost layer of the process: request id, headers, the access log, and the last word on errors."""

import re
import time
import uuid
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import context
from app.core.config import Settings
from app.core.exceptions import AppError
from app.core.responses import answer

ACCEPTABLE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
}
STRICT_TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"

log = structlog.get_logger("app.access")


def headers_of(settings: Settings) -> dict[str, str]:
    """What every response carries, whoever makes it."""
    secured = {"Strict-Transport-Security": STRICT_TRANSPORT_SECURITY} if settings.production else {}
    return SECURITY_HEADERS | secured


class Envelope:
    """Wraps even Starlette's own error layer, which runs outside of user middleware and would answer bare."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.password_min_length = settings.password_min_length
        self.headers = headers_of(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        context.request_id.set(request_id)
        context.password_min_length.set(self.password_min_length)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = _Response(send, self.headers, request_id)
        started = time.perf_counter()
        try:
            await self.app(scope, receive, response.send)
        except Exception:
            log.exception("request.failed")
            if response.status is None:
                await answer(AppError())(scope, receive, response.send)
        finally:
            duration = round((time.perf_counter() - started) * 1000, 2)
            log.info(
                "request.finished",
                method=scope["method"], path=_pattern(scope), status=response.status, duration_ms=duration,
            )  # fmt: skip


class _Response:
    """Adds the headers that every response carries, unless the route set its own."""

    def __init__(self, send: Send, headers: dict[str, str], request_id: str) -> None:
        self._send = send
        self._headers = headers
        self._request_id = request_id
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            headers["X-Request-ID"] = self._request_id
            if self.status == HTTPStatus.NO_CONTENT:
                del headers["Content-Type"]
        await self._send(message)


def _pattern(scope: Scope) -> str:
    """The route's path, not the client's: people paste addresses and tokens into URLs, and a log keeps them."""
    return getattr(scope.get("route"), "path_format", "(unknown)")


def _request_id(scope: Scope) -> str:
    sent = Headers(scope=scope).get("x-request-id", "")
    return sent if ACCEPTABLE_REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
