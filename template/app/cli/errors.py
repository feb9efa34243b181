"""What went wrong, in one line that shows no value of a setting, no password and no statement."""

from alembic.util import CommandError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from app.cli.refusals import Refused
from app.core.config import ConfigurationError
from app.core.exceptions import AppError, sentence
from app.db.database import DatabaseUnavailable
from app.db.migrations import UNREACHABLE


def explain(error: Exception) -> str:
    """A line for whoever typed the command."""
    match error:
        case Refused():
            return str(error)
        case ConfigurationError():
            return f"Configuration error: {error}"
        case DatabaseUnavailable():
            return UNREACHABLE
        case AppError():
            return " ".join([error.detail, *(reason.detail for reason in error.errors or ())])
        case _:
            return _of_a_library(error)


def _of_a_library(error: Exception) -> str:
    match error:
        case CommandError():
            return f"Migrations: {error}"
        case DBAPIError():
            return f"The database refused ({_kind(error)}). Is it migrated? `alembic upgrade head` does that."
        case ValidationError():
            return "; ".join(": ".join([*map(str, reason["loc"]), sentence(reason)]) for reason in error.errors())
        case _:
            return f"Something unexpected went wrong: {type(error).__name__}."


def _kind(error: DBAPIError) -> str:
    """The driver's name for it."""
    return type((error.orig and error.orig.__cause__) or error.orig).__name__
