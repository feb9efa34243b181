"""SQLite: one file, many readers, one writer at a time."""

import re
from collections import Counter
from typing import Any

from alembic.util import CommandError
from sqlalchemy import BigInteger, Connection, NullPool, Table, event, inspect, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import AsyncAdaptedQueuePool

from app.core.config import ROOT, ConfigurationError
from app.db.dialects import in_autocommit, seconds

SCHEMES = ("sqlite",)
DRIVER = "sqlite+aiosqlite"
BUSY_SECONDS = 5.0
QUEUE_SECONDS = 10

WAL = "PRAGMA journal_mode = WAL"
READING = (WAL, "PRAGMA query_only = ON")
# FULL: a client that has its response has its write, also after a power failure. NORMAL could lose the last commits.
WRITING = (WAL, "PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL")
MIGRATING = (WAL, "PRAGMA foreign_keys = OFF", "PRAGMA synchronous = FULL")

LOCKED = re.compile(r"database (table )?is locked", re.IGNORECASE)
UNAVAILABLE = re.compile(
    r"database (table )?is locked|unable to open database|disk I/O error|database or disk is full|"
    r"file is not a database|disk image is malformed",
    re.IGNORECASE,
)
UNMIGRATED = re.compile(r"no such (table|column)|has no column named", re.IGNORECASE)
UNIQUE = re.compile(r"UNIQUE constraint failed: (index '(?P<index>[^']+)'|(?P<columns>.+))")
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
    """Every integer has 64 bits here, and only a key that is declared as INTEGER is filled in."""
    return "INTEGER"


@event.listens_for(Table, "before_create")
def _never_reuse_keys(table: Table, connection: Connection, **_: object) -> None:
    """Otherwise a new account could get the key of a deleted one while a request still uses it."""
    if connection.dialect.name == "sqlite":
        table.dialect_options["sqlite"]["autoincrement"] = True


def prepare_url(url: URL) -> tuple[URL, dict[str, Any]]:
    """The address with an absolute path, and the driver's options. A relative path begins at the project's folder.

    Raises:
        ConfigurationError: for an address that is no file, or a parameter that is not `timeout`.
    """
    if not url.database or url.host or url.username:
        raise ConfigurationError("DATABASE_URL: must name a file, as sqlite+aiosqlite:///relative/path.db")
    if url.database == ":memory:":
        raise ConfigurationError(
            "DATABASE_URL: must name a file: each connection to a database in memory has its own data"
        )
    if unknown := ", ".join(sorted(set(url.query) - {"timeout"})):
        raise ConfigurationError(f"DATABASE_URL: the parameter {unknown} is not supported; only timeout is")
    try:
        timeout = seconds(str(url.query.get("timeout", BUSY_SECONDS)))
    except ValueError as error:
        raise ConfigurationError(f"DATABASE_URL: the parameter timeout {error}") from None
    return url.set(drivername=DRIVER, database=str(ROOT / url.database), query={}), {"timeout": timeout}


def make_engines(url: URL, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
    """The engines that read and write.

    One connection writes, and its pool is the queue of writers. If SQLite itself makes them wait, they poll for its
    lock, which is ten times slower.
    """
    address, connect_args = prepare_url(url)
    options: dict[str, Any] = {
        "connect_args": connect_args,
        "hide_parameters": True,
        "max_overflow": 0,
        "pool_timeout": QUEUE_SECONDS,
        "poolclass": AsyncAdaptedQueuePool,
    }
    reading = create_async_engine(
        address, isolation_level="AUTOCOMMIT", pool_size=pool_size, pool_reset_on_return=None, **options
    )
    writing = create_async_engine(address, pool_size=1, **options)
    _set_up_connections(reading, READING)
    _set_up_connections(writing, WRITING)
    # Take the write lock at BEGIN: a transaction that reads first and writes later could fail in between.
    event.listen(writing.sync_engine, "begin", _begin_immediate)
    return reading, writing


def make_migration_engine(url: URL) -> AsyncEngine:
    """An engine that does not enforce foreign keys, but checks them before each commit.

    Rebuilding a table drops it, and with foreign keys enforced that deletes every row that refers to it. The pragma
    must come first, because it has no effect inside a transaction.
    """
    address, connect_args = prepare_url(url)
    engine = create_async_engine(address, poolclass=NullPool, hide_parameters=True, connect_args=connect_args)
    _set_up_connections(engine, MIGRATING)
    event.listen(engine.sync_engine, "begin", _begin_migration)
    event.listen(engine.sync_engine, "commit", _check_migration)
    return engine


def is_unavailable(error: DBAPIError) -> bool:
    """Another process held the lock for longer than the timeout, the disk is full, or the file cannot be used."""
    return UNAVAILABLE.search(str(error.orig)) is not None


def is_unmigrated(error: DBAPIError) -> bool:
    """A table or a column does not exist."""
    return UNMIGRATED.search(str(error.orig)) is not None


def is_invalid_value(error: StatementError) -> bool:
    """An integer beyond 64 bits, or a text that is no Unicode. SQLite stores any other value."""
    return isinstance(error.orig, OverflowError | UnicodeError)


def is_locked(error: DBAPIError) -> bool:
    """Another process wrote for longer than the timeout."""
    return LOCKED.search(str(error.orig)) is not None


def reason(error: DBAPIError) -> str:
    """The driver's message, which is one line."""
    return f"{error.orig}."


def violated_constraint(error: DBAPIError) -> str | None:
    """SQLite names the columns, not the constraint: build the name as `NAMING` does. Foreign keys have no name."""
    message = str(error.orig)
    if unique := UNIQUE.search(message):
        if unique["index"]:
            return unique["index"]
        columns = [column.strip().split(".") for column in unique["columns"].split(",")]
        return "_".join(["uq", columns[0][0], *(column[1] for column in columns)])
    check = CHECK.search(message)
    return check["name"] if check else None


def _set_up_connections(engine: AsyncEngine, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _: object) -> None:
        # The driver would begin transactions by itself, and not for every statement.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "handle_error")
    def handle(context: ExceptionContext) -> StatementError | None:
        # The driver does not convert this exception of Python into an error of the database.
        error = context.original_exception
        known = isinstance(error, OverflowError | UnicodeError)
        return StatementError(type(error).__name__, None, None, error) if known else None


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_migration(connection: Connection) -> None:
    if not in_autocommit(connection):
        _begin_immediate(connection)
        connection.info[LAST_KEYS] = _last_keys(connection)


def _check_migration(connection: Connection) -> None:
    """Refuse to commit broken references. Commands that only read commit, too, and have changed nothing."""
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
    """The last key of each table. A rebuilt table would take it from the rows that are left, and reuse keys."""
    if not inspect(connection).has_table("sqlite_sequence"):
        return []
    return [dict(row) for row in connection.execute(READ_LAST_KEYS).mappings()]
