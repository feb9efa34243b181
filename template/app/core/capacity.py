"""Refuse what one process cannot serve any more, rather than serve everybody too late."""

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.exceptions import Unavailable
from app.core.responses import answer

# Far more than the connections to the database can keep busy; with bodies of `MAX_BODY_BYTES` it bounds the memory.
MAX_REQUESTS = 256
# A probe is cheap, and a process that is busy must not be taken for one that is dead.
PROBES = "/health"


class Overloaded(Unavailable):
    """So many requests are under way that another would only wait."""

    code = "overloaded"


class Capacity:
    """Counts the requests that are under way in this process."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(PROBES):
            await self.app(scope, receive, send)
        elif self.running >= MAX_REQUESTS:
            await answer(Overloaded())(scope, receive, send)
        else:
            self.running += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self.running -= 1
