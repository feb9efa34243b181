"""What this process needs to serve requests."""

from app.components import Components
from app.schemas.health import Health, Status

TIMEOUT_SECONDS = 1.5


class HealthService:
    """Answers in time even where a dependency hangs."""

    def __init__(self, components: Components) -> None:
        self.database = components.database

    async def report(self) -> Health:
        """Run every check. Where a migration is pending, requests would meet tables that they do not know."""
        condition = await self.database.condition(TIMEOUT_SECONDS)
        return Health(
            status=_status(all(condition)),
            checks={"database": _status(condition.reachable), "migrations": _status(condition.migrated)},
        )


def _status(well: bool) -> Status:  # noqa: FBT001
    return "ok" if well else "unavailable"
