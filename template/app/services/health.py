"""Whether this process can serve requests."""

from app.components import Components
from app.schemas.health import Health, Status

TIMEOUT_SECONDS = 1.5


class HealthService:
    """Responds in time even if the database does not."""

    def __init__(self, components: Components) -> None:
        self.database = components.database

    async def report(self) -> Health:
        """Run every check. A missing migration counts, because requests would not find their tables."""
        readiness = await self.database.readiness(TIMEOUT_SECONDS)
        return Health(
            status=_status(all(readiness)),
            checks={"database": _status(readiness.reachable), "migrations": _status(readiness.migrated)},
        )


def _status(well: bool) -> Status:  # noqa: FBT001
    return "ok" if well else "unavailable"
