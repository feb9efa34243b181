"""What only one database needs stands in a module named after it, found by the backend name of `DATABASE_URL`."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import ConfigurationError


class DatabaseDialect(Protocol):
    """What such a module offers."""

    DRIVER: str
    READ_OPTIONS: Mapping[str, Any]
    WRITE_OPTIONS: Mapping[str, Any]
    MIGRATION_OPTIONS: Mapping[str, Any]

    @staticmethod
    def url_problem(url: URL) -> str | None:
        """What the driver would stumble over when it connects."""

    @staticmethod
    def prepare_reading(engine: AsyncEngine) -> None:
        """Hook into new connections of the engine that reads."""

    @staticmethod
    def prepare_writing(engine: AsyncEngine) -> None:
        """Hook into new connections and transactions of the engine that writes."""

    @staticmethod
    def prepare_migrating(engine: AsyncEngine) -> None:
        """Hook into new connections and transactions of the engine that migrates."""

    @staticmethod
    def is_unavailable(error: DBAPIError) -> bool:
        """Whether trying again later may help: no connection, or a lock that was not free in time."""

    @staticmethod
    def is_locked(error: DBAPIError) -> bool:
        """Whether others held a lock for longer than the timeout."""

    @staticmethod
    def reason(error: DBAPIError) -> str:
        """What the driver says, in one line."""

    @staticmethod
    def violated_constraint(error: DBAPIError) -> str | None:
        """The name of the constraint that refused a write, as the models give it."""


def in_autocommit(connection: Connection) -> bool:
    """Whether each statement is a transaction, as in `autocommit_block()`. The engine's events are sent there too."""
    return bool(connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT")


def dialect_for(url: URL) -> DatabaseDialect:
    """Find the module.

    Raises:
        ConfigurationError: where this project does not support the database or the driver.
    """
    name = f"{__name__}.{url.get_backend_name()}"
    if find_spec(name) is None:
        supported = ", ".join(module.name for module in iter_modules(__path__))
        raise ConfigurationError(
            f"DATABASE_URL: names a database that this project does not support; {supported} it does"
        )
    module = cast("DatabaseDialect", import_module(name))
    if url.drivername != module.DRIVER:
        raise ConfigurationError(f"DATABASE_URL: must begin with {module.DRIVER}://")
    if problem := module.url_problem(url):
        raise ConfigurationError(f"DATABASE_URL: {problem}")
    return module
