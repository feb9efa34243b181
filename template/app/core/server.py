"""The server's limits, and its own refusals in the form of all other errors.

`run.py` serves with these. They are constants because a different value is a different deployment, not a preference.
"""

import asyncio
import uuid
from typing import Any, NoReturn, cast

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.core import context
from app.core.capacity import Overloaded
from app.core.envelope import headers_of
from app.core.exceptions import AppError
from app.core.responses import answer

# Longer than the 60 s for which proxies keep idle connections, or they send into one that closes at that moment.
KEEP_ALIVE_SECONDS = 75
# A request line and its headers. The parser itself has no limit.
MAX_HEAD_BYTES = 64 * 1024
# How long they may take. Somebody who sends a byte a minute must not hold a connection for hours.
HEAD_SECONDS = 15
# Connections of a process, idle ones included: below the 1024 files that systems commonly allow one to open.
MAX_CONNECTIONS = 900
# Requests under way may finish; together with closing the pools it stays below the 10 s after which engines kill.
SHUTDOWN_SECONDS = 7

log = structlog.get_logger("app.server")


class MalformedRequest(AppError):
    """What came is no HTTP."""

    status = 400
    code = "malformed_request"
    detail = "This is no valid HTTP request."


class HeadTooSlow(AppError):
    """The head did not come to an end in time."""

    status = 408
    code = "request_timeout"
    detail = "The request took too long to arrive."


class HeadTooLarge(AppError):
    """The request line and the headers exceed the limit."""

    status = 431
    code = "headers_too_large"
    detail = "The headers are too large."


class Protocol(HttpToolsProtocol):
    """Watches over heads: until one is complete, the application knows nothing of the request."""

    _error: type[AppError] = MalformedRequest
    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _began = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._began = True
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        timer = self._head_timer
        super().data_received(data)
        # A head that has ended, or begun with this piece, is not counted here.
        if timer is not None and timer is self._head_timer:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._answer(HeadTooLarge)

    def on_headers_complete(self) -> None:
        self._stop_timer()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD_BYTES:
            self._refuse(HeadTooLarge)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(Overloaded)
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        self._answer(self._error)

    def _expect_head(self) -> None:
        self._stop_timer()
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        if self._began:
            self._answer(HeadTooSlow)
        else:
            self.transport.close()

    def _refuse(self, error: type[AppError]) -> NoReturn:
        """Leave the parser, which then asks for the answer to a bad request."""
        self._error = error
        raise error

    def _answer(self, error: type[AppError]) -> None:
        if self.transport.is_closing():
            return
        request_id = uuid.uuid4().hex
        context.request_id.set(request_id)
        response = answer(error())
        response.headers.update(headers_of(cast("Any", self.app).settings))
        response.headers.update({"X-Request-ID": request_id, "Connection": "close"})
        log.warning("request.refused", request_id=request_id, status=response.status_code, code=error.code)
        head = [b"%b: %b\r\n" % header for header in response.raw_headers]
        self.transport.write(b"HTTP/1.1 %d \r\n%b\r\n%b" % (error.status, b"".join(head), bytes(response.body)))
        self.transport.close()
