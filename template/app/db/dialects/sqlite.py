"""SQLite: a file, many readers, one writer at a time."""

import re
from collections import Counter
from typing import Any

from alembic.util import CommandError
from sqlalchemy import BigInteger, Connection, Table, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import AsyncAdaptedQueuePool

from app.db.dialects import in_autocommit

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
MIGRATION_OPTIONS = {"connect_args": {"timeout": BUSY_SECONDS}}

FILE_PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")
PRAGMAS = (*FILE_PRAGMAS, "PRAGMA foreign_keys = ON")
LOCKED = re.compile(r"database (table )?is locked", re.IGNORECASE)
BUSY = re.compile(r"database (table )?is locked|unable to open database|disk I/O error", re.IGNORECASE)
UNIQUE = re.compile(r"UNIQUE constraint failed: (?P<columns>.+)")
CHECK = re.compile(r"CHECK constraint failed: (?P<name>\w+)")

LAST_KEYS = "last_keys"
READ_LAST_KEYS = text("SELECT name, seq FROM sqlite_sequence")
# A table that is empty, or was dropped, has no row there.
KEEP_LAST_KEYS = (
    text("UPDATE sqlite_sequence SET seq = :seq WHERE name = :name AND seq < :seq"),
    text(
        "INSERT INTO sqlite_sequence (name, seq) SELECT name, :seq FROM sqlite_master WHERE type = 'table' "
        "AND name = :name AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)"
    ),
)


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


def prepare_migrating(engine: AsyncEngine) -> None:
    """Rebuilding a table drops it, and with foreign keys enforced that deletes every row that refers to it.

    So they are not enforced, but checked before each commit. Inside a transaction the pragma would have no effect.
    """
    _on_connect(engine, (*FILE_PRAGMAS, "PRAGMA foreign_keys = OFF"))
    event.listen(engine.sync_engine, "begin", _begin_migrating)
    event.listen(engine.sync_engine, "commit", _finish_migrating)


def is_unavailable(error: DBAPIError) -> bool:
    """Somebody else held the lock for longer than the timeout, or the file is out of reach."""
    return BUSY.search(str(error.orig)) is not None


def is_locked(error: DBAPIError) -> bool:
    """Another process wrote for longer than the timeout."""
    return LOCKED.search(str(error.orig)) is not None


def reason(error: DBAPIError) -> str:
    """The driver says it in one line."""
    return f"{error.orig}."


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


def _begin_migrating(connection: Connection) -> None:
    if not in_autocommit(connection):
        _begin_immediate(connection)
        connection.info[LAST_KEYS] = _last_keys(connection)


def _finish_migrating(connection: Connection) -> None:
    """Let nothing be committed that is broken. Commands that only read also commit, and change nothing."""
    if in_autocommit(connection) or not connection.exec_driver_sql("SELECT total_changes()").scalar_one():
        return
    if last_keys := connection.info[LAST_KEYS]:
        for statement in KEEP_LAST_KEYS:
            connection.execute(statement, last_keys)
    broken = Counter((row.table, row.parent) for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))
    if broken:
        found = "; ".join(f"{count} in {table} refer to {parent}" for (table, parent), count in broken.items())
        raise CommandError(
            f"Rows would refer to rows that do not exist: {found}. The transaction changed nothing. "
            "`PRAGMA foreign_key_check` shows the rows that were broken before."
        )


def _last_keys(connection: Connection) -> list[dict[str, Any]]:
    """The last key of each table, which a rebuilt one would take from the rows that are left."""
    if not inspect(connection).has_table("sqlite_sequence"):
        return []
    return [dict(row) for row in connection.execute(READ_LAST_KEYS).mappings()]
