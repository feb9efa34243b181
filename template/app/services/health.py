"""What this process needs to serve requests."""

from app.components import Components
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
        return "ok" if await self.database.responds(TIMEOUT_SECONDS) else "unavailable"
