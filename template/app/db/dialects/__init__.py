"""What only one database needs: one module for each, named like the scheme of `DATABASE_URL`.

Each has `DRIVER`, makes the engines, and tells errors of its driver apart.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from app.core.config import PROJECT, ConfigurationError


def dialect_of(url: URL) -> ModuleType:
    """The module for the database of `DATABASE_URL`. `postgres://` is an accepted abbreviation.

    Raises:
        ConfigurationError: if this project was generated for another database, or the driver is not ours.
    """
    scheme = url.get_backend_name()
    found = [module.name for module in iter_modules(__path__) if module.name.startswith(scheme)]
    if not found:
        raise ConfigurationError(
            f"DATABASE_URL: this project was generated for {PROJECT['database']}. "
            "To switch, run `uvx copier update` and choose the other database"
        )
    module = import_module(f"{__name__}.{found[0]}")
    if url.drivername not in {scheme, module.DRIVER}:
        raise ConfigurationError(f"DATABASE_URL: must begin with {module.DRIVER}://")
    return module


def in_autocommit(connection: Connection) -> bool:
    """Whether each statement is a transaction, as in `autocommit_block()`. The engine's events occur there, too."""
    return bool(connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT")
