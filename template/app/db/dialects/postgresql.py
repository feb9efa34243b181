"""PostgreSQL: the database finds the order of writers; READ COMMITTED is what the conditional updates need."""

from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

DRIVER = "postgresql+asyncpg"

_POOL: dict[str, Any] = {
    "pool_size": 10,
    "max_overflow": 10,
    "pool_timeout": 5,
    "pool_recycle": 1800,
    "connect_args": {"timeout": 5, "command_timeout": 30},
}
READ_OPTIONS = _POOL
WRITE_OPTIONS = _POOL

# SQLSTATE classes: connection, login, no such database, resources, operator intervention, rollback of one of two; and a
# lock not free in time.
UNAVAILABLE = ("08", "28", "3D", "53", "57", "40", "55P03")


def prepare_reading(engine: AsyncEngine) -> None:
    """Nothing: the engine's isolation level says it all."""


def prepare_writing(engine: AsyncEngine) -> None:
    """Nothing: the driver begins transactions when told to."""


def is_unavailable(error: DBAPIError) -> bool:
    """The server is going, gone, full, or chose us to break a deadlock."""
    return str(getattr(error.orig, "sqlstate", None)).startswith(UNAVAILABLE)


def violated_constraint(error: DBAPIError) -> str | None:
    """The driver's own error, below SQLAlchemy's, carries the name."""
    name = getattr(error.orig.__cause__ if error.orig else None, "constraint_name", None)
    return None if name is None else str(name)
