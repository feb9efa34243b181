"""What only one database needs: one module for each kind of database, named after it.

Each has `SCHEMES` and `DRIVER`, makes the engines, and classifies the errors of its driver.
"""

import math
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from app.core.config import PROJECT, ConfigurationError

# Databases store timeouts as 32-bit numbers of milliseconds, and 0 is no limit.
SHORTEST_SECONDS = 0.01
LONGEST_SECONDS = 86_400


def dialect_of(url: URL) -> ModuleType:
    """The module for the database of `DATABASE_URL`.

    Raises:
        ConfigurationError: if this project was generated for another database, or the driver is not ours.
    """
    scheme = url.get_backend_name().lower()
    for found in iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        if scheme in module.SCHEMES:
            if url.drivername.lower() not in {scheme, module.DRIVER}:
                raise ConfigurationError(f"DATABASE_URL: must begin with {module.DRIVER}://")
            return module
    raise ConfigurationError(
        f"DATABASE_URL: this project was generated for {PROJECT['database']}. "
        "To switch to another database, run `uvx copier update`"
    )


def seconds(value: str) -> float:
    """A number of seconds, from a parameter of `DATABASE_URL`.

    Raises:
        ValueError: says what the parameter must be.
    """
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not SHORTEST_SECONDS <= number <= LONGEST_SECONDS:
        raise ValueError(f"must be a number of seconds from {SHORTEST_SECONDS} to {LONGEST_SECONDS}")
    return number


def in_autocommit(connection: Connection) -> bool:
    """Whether each statement is a transaction, as in `autocommit_block()`. The engine's events occur there, too."""
    return bool(connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT")
