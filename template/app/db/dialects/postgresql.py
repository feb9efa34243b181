"""PostgreSQL: the database finds the order of writers; READ COMMITTED is what the conditional updates need."""

import inspect
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.dialects import in_autocommit

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
# An index of a large table takes as long as it takes.
MIGRATION_OPTIONS: dict[str, Any] = {"connect_args": {"timeout": 5, "command_timeout": None}}
# All requests for a table queue behind the migration that waits for it.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"

# Those of the driver, which has no types, and one that SQLAlchemy takes for itself.
URL_PARAMETERS = {*inspect.signature(import_module("asyncpg").connect).parameters, "prepared_statement_cache_size"}

# SQLSTATE classes: connection, login, no such database, resources, operator intervention, rollback of one of two; a
# lock not free in time; and a server that is not the primary any more.
LOCK_NOT_FREE = "55P03"
UNAVAILABLE = ("08", "28", "3D", "53", "57", "40", LOCK_NOT_FREE, "25006")


def url_problem(url: URL) -> str | None:
    """Addresses are copied from tools that use another driver."""
    if set(url.query) <= URL_PARAMETERS:
        return None
    return "has a parameter that asyncpg does not know; what other drivers call sslmode is ssl here"


def prepare_reading(engine: AsyncEngine) -> None:
    """Nothing: the engine's isolation level says it all."""


def prepare_writing(engine: AsyncEngine) -> None:
    """Nothing: the driver begins transactions when told to."""


def prepare_migrating(engine: AsyncEngine) -> None:
    """Statements may take long, waiting for a lock may not."""
    event.listen(engine.sync_engine, "begin", _set_timeouts)


def is_unavailable(error: DBAPIError) -> bool:
    """The server is going, gone, full, or chose us to break a deadlock."""
    return str(getattr(error.orig, "sqlstate", None)).startswith(UNAVAILABLE)


def is_locked(error: DBAPIError) -> bool:
    """The timeout for locks is told apart from all others."""
    return getattr(error.orig, "sqlstate", None) == LOCK_NOT_FREE


def reason(error: DBAPIError) -> str:
    """The server's message and its hint. Its detail is left out, because it shows rows."""
    told = error.orig.__cause__ if error.orig else None
    parts = [str(told or error.orig).partition("\n")[0], getattr(told, "hint", None) or ""]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def violated_constraint(error: DBAPIError) -> str | None:
    """The driver's own error, below SQLAlchemy's, carries the name."""
    name = getattr(error.orig.__cause__ if error.orig else None, "constraint_name", None)
    return None if name is None else str(name)


def _set_timeouts(connection: Connection) -> None:
    if in_autocommit(connection):
        # CREATE INDEX CONCURRENTLY waits for transactions to end, and blocks nobody meanwhile.
        connection.exec_driver_sql("SET statement_timeout = 0")
    else:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(LOCK_TIMEOUT)
