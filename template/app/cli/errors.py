"""Error messages of commands: one line, without values of settings, passwords or SQL."""

from alembic.util import CommandError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from app.cli.refusals import Refused
from app.core.config import ConfigurationError
from app.core.exceptions import AppError, describe
from app.db.database import DatabaseUnavailable, NotMigrated
from app.db.migrations import unreachable


def explain(error: Exception) -> str:
    """Return the error message of a command, in one line."""
    match error:
        case Refused():
            return str(error)
        case ConfigurationError():
            return f"Configuration error: {error}"
        case NotMigrated():
            return "The database is not migrated. Run `alembic upgrade head`."
        case DatabaseUnavailable():
            return unreachable(error.reason)
        case AppError():
            return " ".join([error.detail, *(reason.detail for reason in error.errors or ())])
        case _:
            return _of_a_library(error)


def _of_a_library(error: Exception) -> str:
    match error:
        case CommandError():
            return f"Migrations: {error}"
        case DBAPIError():
            return f"The database reported {_kind(error)}."
        case ValidationError():
            return "; ".join(": ".join([*map(str, reason["loc"]), describe(reason)]) for reason in error.errors())
        case _:
            return f"Unexpected error: {type(error).__name__}."


def _kind(error: DBAPIError) -> str:
    """The name of the driver's exception."""
    return type((error.orig and error.orig.__cause__) or error.orig).__name__
