"""PostgreSQL. READ COMMITTED is what the conditional updates need; the database orders concurrent writers."""

import ssl
import time
from collections.abc import Callable
from typing import Any

from pydantic_settings import BaseSettings
from sqlalchemy import Connection, NullPool, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core.config import ConfigurationError, Settings, load
from app.db.dialects import in_autocommit, seconds

SCHEMES = ("postgresql", "postgres")
DRIVER = "postgresql+asyncpg"
# A request waits for a free connection, and then perhaps until a new one is open: together not more than 5 s.
QUEUE_SECONDS = 2.5
CONNECT_SECONDS = 2.5
# The server ends a statement that takes longer. `?command_timeout=` sets another limit.
STATEMENT_SECONDS = 4.5
# If it has not done so after this time, the connection is dead.
DEAD_AFTER_SECONDS = 0.5
RECYCLE_SECONDS = 1800
MIGRATION_CONNECT_SECONDS = 10
# While a migration waits for the lock of a table, all later queries of that table wait, too.
MIGRATION_LOCK_TIMEOUT = "5s"
# The server drops clients that disappeared without closing: first probe after 30 s, then two more.
KEEPALIVE = {"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3"}
# KiB. Each search reads the rows that the index has not sorted in yet, and with 4 MiB of them, the default, the planner
# prefers to read the whole table.
INDEX_BACKLOG = {"gin_pending_list_limit": "512"}
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


class PostgresqlSettings(BaseSettings):
    """Settings beside `DATABASE_URL`."""

    model_config = Settings.model_config

    database_pgbouncer: bool = False


def _once(value: str | tuple[str, ...]) -> str:
    if not isinstance(value, str) or "," in value:
        raise ValueError("must have one value")
    return value


def _ssl_mode(value: str) -> str:
    if value not in SSL_MODES:
        raise ValueError(f"must be one of {', '.join(SSL_MODES)}")
    return value


def _file_of_certificates(value: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=value)
    except OSError:
        raise ValueError("must name a file with certificates") from None


def _count(value: str) -> int:
    if not value.isdecimal():
        raise ValueError("must be a number")
    return int(value)


# Query parameters of DATABASE_URL, as the driver names and types them. Providers write the names of libpq.
PARAMETERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "ssl": ("ssl", _ssl_mode),
    "sslmode": ("ssl", _ssl_mode),
    "sslrootcert": ("sslrootcert", _file_of_certificates),
    "timeout": ("timeout", seconds),
    "connect_timeout": ("timeout", seconds),
    "command_timeout": ("command_timeout", seconds),
    "statement_cache_size": ("statement_cache_size", _count),
    "prepared_statement_cache_size": ("prepared_statement_cache_size", _count),
    "application_name": ("application_name", str),
    "host": ("host", str),
}

# SQLSTATE classes and codes: connection, login, no such database, resources, operator intervention, deadlock and
# serialization failures; a lock that was not free in time; and a server that is not the primary any more.
LOCK_NOT_FREE = "55P03"
UNAVAILABLE = ("08", "28", "3D", "53", "57", "40", LOCK_NOT_FREE, "25006")
# Undefined table, undefined column.
UNMIGRATED = ("42P01", "42703")
INVALID_VALUE = ("22",)


def prepare_url(url: URL) -> tuple[URL, dict[str, Any]]:
    """The address without parameters, and the parameters with the driver's names and types.

    Raises:
        ConfigurationError: names a parameter that the driver does not have, or a value that it would refuse.
    """
    options: dict[str, Any] = {}
    for parameter, value in url.query.items():
        if parameter not in PARAMETERS:
            known = ", ".join(PARAMETERS)
            raise ConfigurationError(f"DATABASE_URL: the parameter {parameter} is not supported; these are: {known}")
        name, convert = PARAMETERS[parameter]
        try:
            options[name] = convert(_once(value))
        except ValueError as error:
            raise ConfigurationError(f"DATABASE_URL: the parameter {parameter} {error}") from None
    _verify_certificates(options)
    return url.set(drivername=DRIVER, query={}), options


def _verify_certificates(options: dict[str, Any]) -> None:
    """The driver would look for certificates in the home folder only, and fail at the first request without them.

    As in libpq, `require` verifies, too, if there is a file of certificates.
    """
    trusted, mode = options.pop("sslrootcert", None), options.get("ssl")
    if mode in {"verify-ca", "verify-full"} or (mode == "require" and trusted):
        context = trusted or ssl.create_default_context()
        context.check_hostname = mode == "verify-full"
        options["ssl"] = context


def make_engines(url: URL, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
    """The engines that read and write."""
    address, options = prepare_url(url)
    statement_seconds = options.pop("command_timeout", STATEMENT_SECONDS)
    server_settings = {**KEEPALIVE, **INDEX_BACKLOG, "statement_timeout": str(int(statement_seconds * 1000))}
    connect_args = {
        "timeout": CONNECT_SECONDS,
        "command_timeout": statement_seconds + DEAD_AFTER_SECONDS,
        **_with_server_settings(options, server_settings),
    }
    pool: dict[str, Any] = {
        "hide_parameters": True,
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": QUEUE_SECONDS,
        "pool_recycle": RECYCLE_SECONDS,
    }
    reading: dict[str, Any] = {
        "isolation_level": "AUTOCOMMIT",
        "skip_autocommit_rollback": True,
        "pool_reset_on_return": None,
    }
    engines = (
        create_async_engine(address, connect_args=connect_args, **pool, **reading),
        create_async_engine(address, connect_args=connect_args, **pool),
    )
    _replace_dead_connections(engines)
    return engines


def make_migration_engine(url: URL) -> AsyncEngine:
    """An engine without a limit on statements: building an index may take hours. Waiting for a lock is limited."""
    address, options = prepare_url(url)
    options |= {"command_timeout": None}
    connect_args = {"timeout": MIGRATION_CONNECT_SECONDS, **_with_server_settings(options, {})}
    engine = create_async_engine(address, poolclass=NullPool, hide_parameters=True, connect_args=connect_args)
    event.listen(engine.sync_engine, "begin", _set_timeouts)
    return engine


def _with_server_settings(options: dict[str, Any], settings: dict[str, str]) -> dict[str, Any]:
    """The driver's options, with settings of the server unless there is a pooler in between, which refuses them.

    In transaction mode a pooler changes the server connection after each transaction, so that no prepared statement
    may outlive it. Without a cache the driver sends each statement together with its values.
    """
    name = options.pop("application_name", None)
    named = {"application_name": name} if name else {}
    if load(PostgresqlSettings).database_pgbouncer:
        return {**options, "server_settings": named, "statement_cache_size": 0}
    return {**options, "server_settings": settings | named}


def is_unavailable(error: DBAPIError) -> bool:
    """The server stops, is gone or full, ended this transaction to resolve a deadlock, or a table has just changed."""
    # After a migration, each connection finds out once that its prepared statements are outdated.
    outdated = type(_driver_error(error)).__name__ == "InvalidCachedStatementError"
    return outdated or _sqlstate(error).startswith(UNAVAILABLE)


def is_unmigrated(error: DBAPIError) -> bool:
    """A table or a column does not exist."""
    return _sqlstate(error) in UNMIGRATED


def is_invalid_value(error: StatementError) -> bool:
    """The driver or the server cannot store a value: out of range, or not of the column's type."""
    return _sqlstate(error).startswith(INVALID_VALUE) or type(_driver_error(error)).__name__ == "DataError"


def is_locked(error: DBAPIError) -> bool:
    """A lock was not free within the timeout."""
    return _sqlstate(error) == LOCK_NOT_FREE


def reason(error: DBAPIError) -> str:
    """The server's message and its hint. The detail is left out, because it shows rows."""
    driver_error = _driver_error(error)
    parts = [str(driver_error).partition("\n")[0], getattr(driver_error, "hint", None) or ""]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def violated_constraint(error: DBAPIError) -> str | None:
    """The name of the constraint that refused a write."""
    name = getattr(_driver_error(error), "constraint_name", None)
    return None if name is None else str(name)


def _driver_error(error: StatementError) -> BaseException | None:
    """The driver's own error is below SQLAlchemy's."""
    return error.orig.__cause__ or error.orig if error.orig else None


def _sqlstate(error: StatementError) -> str:
    return str(getattr(error.orig, "sqlstate", None))


def _set_timeouts(connection: Connection) -> None:
    if in_autocommit(connection):
        # CREATE INDEX CONCURRENTLY waits for transactions to end, and does not block other queries.
        connection.exec_driver_sql("SET statement_timeout = 0")
    else:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{MIGRATION_LOCK_TIMEOUT}'")


def _replace_dead_connections(engines: tuple[AsyncEngine, ...]) -> None:
    """Replace connections that are dead before a request uses them, and bound the time that a dead one costs.

    Without a round trip for each request: the driver already knows when the server has closed a connection. One that
    is silently dead is found when a statement gets no response. Then all others of both engines are probably dead, too.
    """
    silent_at = 0.0

    def connect(_: object, record: Any) -> None:
        record.info["opened_at"] = time.monotonic()

    def check(connection: Any, record: Any, _: object) -> None:
        if connection.driver_connection.is_closed() or record.info["opened_at"] < silent_at:
            raise DisconnectionError

    def handle(context: ExceptionContext) -> None:
        nonlocal silent_at
        if context.connection is not None and isinstance(context.original_exception, TimeoutError):
            context.is_disconnect = True
            silent_at = time.monotonic()

    def close(connection: Any, _: object) -> None:
        # Without the protocol's goodbye: on a dead connection it would wait seconds for a response.
        connection.driver_connection.terminate()

    for engine in engines:
        event.listen(engine.sync_engine, "connect", connect)
        event.listen(engine.sync_engine, "checkout", check)
        event.listen(engine.sync_engine, "handle_error", handle)
        event.listen(engine.sync_engine, "close", close)
