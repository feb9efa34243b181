"""What this process needs to serve requests."""

import asyncio

from app.components import Components
from app.db.database import DatabaseUnavailable
from app.schemas.health import Health, Status

TIMEOUT_SECONDS = 1.5


class HealthService:
    """Answers in time even where a dependency hangs."""

    def __init__(self, components: Components) -> None:
        self.database = components.database

    async def report(self) -> Health:
        """Run every check."""
        database = await self._database()
        return Health(status=database, checks={"database": database})

    async def _database(self) -> Status:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await self.database.ping()
        except (DatabaseUnavailable, TimeoutError):
            return "unavailable"
        return "ok"
