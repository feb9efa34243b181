"""Limits on what one process accepts: the size of a body, and the number of requests at the same time."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.exceptions import ContentTooLarge, Unavailable
from app.core.responses import error_response, route_path

# Many more than the database connections can serve at once. Together with `MAX_BODY_BYTES` it bounds the memory.
MAX_REQUESTS = 256
# Health checks are not limited: they are cheap, and a busy process must not be restarted.
PROBES = "/health"
MAX_DIGITS = 20


class Overloaded(Unavailable):
    """The process already serves as many requests as it can."""

    code = "overloaded"


class RequestLimit:
    """Refuses requests beyond `MAX_REQUESTS` at the same time."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or route_path(scope).startswith(PROBES):
            await self.app(scope, receive, send)
        elif self.running >= MAX_REQUESTS:
            await error_response(Overloaded())(scope, receive, send)
        else:
            self.running += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self.running -= 1


class BodyLimit:
    """Refuses a declared size before anything runs, and a chunked body as soon as it exceeds the limit.

    FastAPI's `max_body_size` is not used: it responds in plain text, and outside of the envelope.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif _declared_size(scope) > self.max_bytes:
            await error_response(ContentTooLarge())(scope, receive, send)
        else:
            await self.app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                # FastAPI passes HTTPExceptions on, and would turn any other exception into a 400.
                raise HTTPException(ContentTooLarge.status, ContentTooLarge.detail)
            return message

        return counting


def _declared_size(scope: Scope) -> int:
    declared = Headers(scope=scope).get("content-length", "")
    # int() refuses thousands of digits.
    return int(declared[:MAX_DIGITS]) if declared.isdecimal() else 0
