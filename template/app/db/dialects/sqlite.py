"""SQLite: a file, many readers, one writer at a time."""

import re
from typing import Any

from sqlalchemy import BigInteger, Connection, Table, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import AsyncAdaptedQueuePool

DRIVER = "sqlite+aiosqlite"
BUSY_SECONDS = 5

_POOL: dict[str, Any] = {
    "poolclass": AsyncAdaptedQueuePool,
    "pool_timeout": 10,
    "connect_args": {"timeout": BUSY_SECONDS},
}
READ_OPTIONS = {**_POOL, "pool_size": 5, "max_overflow": 5}
# One connection writes: the pool is the queue of writers. Left to SQLite, they poll for its lock, ten times slower.
WRITE_OPTIONS = {**_POOL, "pool_size": 1, "max_overflow": 0, "pool_timeout": 10}

PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = ON")
BUSY = re.compile(r"database (table )?is locked|unable to open database|disk I/O error", re.IGNORECASE)
UNIQUE = re.compile(r"UNIQUE constraint failed: (?P<columns>.+)")
CHECK = re.compile(r"CHECK constraint failed: (?P<name>\w+)")


@compiles(BigInteger, "sqlite")
def _integer(*_: object, **__: object) -> str:
    """Every integer here has 64 bits, and only a key declared exactly INTEGER is filled in."""
    return "INTEGER"


@event.listens_for(Table, "before_create")
def _never_reuse_keys(table: Table, connection: Connection, **_: object) -> None:
    """Otherwise whoever signs up next gets the key of a deleted account, some of whose requests may still run."""
    if connection.dialect.name == "sqlite":
        table.dialect_options["sqlite"]["autoincrement"] = True


def url_problem(url: URL) -> str | None:  # noqa: ARG001  whatever stands in it is a path
    """Nothing: what the driver does not know, it leaves alone."""
    return None


def prepare_reading(engine: AsyncEngine) -> None:
    """Readers cannot write, whatever statement they are given."""
    _on_connect(engine, (*PRAGMAS, "PRAGMA query_only = ON"))


def prepare_writing(engine: AsyncEngine) -> None:
    """Take the write lock at BEGIN: a transaction that reads first and writes later could never be retried."""
    _on_connect(engine, PRAGMAS)
    event.listen(engine.sync_engine, "begin", _begin_immediate)


def is_unavailable(error: DBAPIError) -> bool:
    """Somebody else held the lock for longer than the timeout, or the file is out of reach."""
    return BUSY.search(str(error.orig)) is not None


def violated_constraint(error: DBAPIError) -> str | None:
    """SQLite names columns, not the constraint: put the name together as `NAMING` does."""
    message = str(error.orig)
    if unique := UNIQUE.search(message):
        columns = [column.strip().split(".") for column in unique["columns"].split(",")]
        return "_".join(["uq", columns[0][0], *(column[1] for column in columns)])
    check = CHECK.search(message)
    return check["name"] if check else None


def _on_connect(engine: AsyncEngine, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _: object) -> None:
        # The driver would open transactions by itself, and not for every statement.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
