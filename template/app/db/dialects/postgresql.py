"""PostgreSQL: the database finds the order of writers; READ COMMITTED is what the conditional updates need."""

import inspect
from importlib import import_module
from typing import Any

from sqlalchemy.engine import URL
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

# Those of the driver, which has no types, and one that SQLAlchemy takes for itself.
URL_PARAMETERS = {*inspect.signature(import_module("asyncpg").connect).parameters, "prepared_statement_cache_size"}

# SQLSTATE classes: connection, login, no such database, resources, operator intervention, rollback of one of two; a
# lock not free in time; and a server that is not the primary any more.
UNAVAILABLE = ("08", "28", "3D", "53", "57", "40", "55P03", "25006")


def url_problem(url: URL) -> str | None:
    """Addresses are copied from tools that use another driver."""
    if set(url.query) <= URL_PARAMETERS:
        return None
    return "has a parameter that asyncpg does not know; what other drivers call sslmode is ssl here"


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
