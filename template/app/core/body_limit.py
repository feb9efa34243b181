"""Refuse bodies over `MAX_BODY_BYTES`, declared or chunked.

FastAPI's own `max_body_size` answers a declared one in plain text, after the application's answer was thrown away.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.exceptions import ContentTooLarge
from app.core.responses import answer

MAX_DIGITS = 20


class BodyLimit:
    """Declared sizes are refused before anything runs, chunked bodies as soon as they are over."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self._declared(scope) > self.max_bytes:
            await answer(ContentTooLarge())(scope, receive, send)
        else:
            await self.app(scope, self._counting(receive), send)

    def _declared(self, scope: Scope) -> int:
        declared = Headers(scope=scope).get("content-length", "")
        # Longer than any size that a machine can have, and int() refuses thousands of digits.
        return int(declared[:MAX_DIGITS]) if declared.isdecimal() else 0

    def _counting(self, receive: Receive) -> Receive:
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                raise ContentTooLarge
            return message

        return counting
