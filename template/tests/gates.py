"""Run two requests in an order that chance would seldom produce."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from httpx2 import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.config import Settings
from app.db.database import Database
from tests.fixtures.applications import Api


class GatedDatabase(Database):
    """A database whose writes wait until `opened` is set. By then, the data that was read before may be outdated."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.arrived = asyncio.Event()
        self.opened = asyncio.Event()

    @asynccontextmanager
    async def write(self, *arguments: Any, **options: Any) -> AsyncIterator[AsyncSession]:
        self.arrived.set()
        await self.opened.wait()
        async with super().write(*arguments, **options) as session:
            yield session


def gated(settings: Settings, stack: AsyncExitStack) -> Api:
    """A second application on the same database, whose writes wait."""
    database = GatedDatabase(settings)
    stack.push_async_callback(database.close)
    return Api.of(settings, stack, database)


async def overtaken(slow: Awaitable[Response], api: Api, by: Callable[[], Awaitable[Any]]) -> Response:
    """Start `slow`, call `by` after it has read and before it writes, and return the response to `slow`."""
    database = api.database
    assert isinstance(database, GatedDatabase)
    waiting = asyncio.ensure_future(slow)
    await asyncio.wait_for(database.arrived.wait(), timeout=10)
    await by()
    database.opened.set()
    return await waiting


async def at_once(*requests: Awaitable[Response]) -> list[Response]:
    """Send the requests at the same time, and return their responses."""
    return list(await asyncio.gather(*requests))


def statuses(responses: list[Response]) -> list[int]:
    return sorted(response.status_code for response in responses)
