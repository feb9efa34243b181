"""Apply migrations, and check whether all were applied.

Alembic owns its connection and its transactions: `alembic`, commands and tests use this by `migrations/env.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet
from contextlib import aclosing, asynccontextmanager
from functools import cache
from pathlib import Path
from types import ModuleType

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import MultipleHeads
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.config import Settings
from app.db.dialects import dialect_of

FOLDER = Path(__file__).parents[2] / "migrations"
APPLIED = text("SELECT version_num FROM alembic_version")
IN_USE = "The tables are in use: a lock was not free in time. The transaction changed nothing; try again."
LAST_REPORT_SECONDS = 0.1


def upgrade(settings: Settings, revision: str = "head") -> list[str]:
    """Apply pending migrations. Returns their revisions, oldest first. Starts an event loop of its own.

    Raises:
        CommandError: one line that says why a migration failed.
    """
    applied: list[str] = []
    command.upgrade(configuration(settings, applied=applied), revision)
    return applied


def configuration(settings: Settings, **attributes: object) -> Config:
    """Alembic's configuration for the database of these settings."""
    return Config(FOLDER.with_name("alembic.ini"), attributes={"settings": settings, **attributes})


async def migrate(settings: Settings, work: Callable[[Connection], None]) -> None:
    """Run Alembic on a connection of its own.

    Raises:
        CommandError: one line that says why it failed. Python errors in a migration keep their traceback.
    """
    dialect = dialect_of(make_url(settings.database_url.get_secret_value()))
    async with _connected(settings, dialect) as connection:
        try:
            await connection.run_sync(work)
        except DBAPIError as error:
            raise CommandError(IN_USE if dialect.is_locked(error) else dialect.reason(error)) from error
        except CommandError as error:
            if isinstance(error.__cause__, MultipleHeads):
                heads = ", ".join(sorted(error.__cause__.heads))
                advice = "Join them with `alembic merge heads`, then try again."
                raise CommandError(f"There is more than one head: {heads}. {advice}") from error
            raise


@asynccontextmanager
async def _connected(settings: Settings, dialect: ModuleType) -> AsyncIterator[AsyncConnection]:
    engine = dialect.make_migration_engine(make_url(settings.database_url.get_secret_value()))
    try:
        connection = await engine.connect()
    except (DBAPIError, OSError, TimeoutError) as error:
        # A thread of the driver that could not connect reports to this loop, or prints a traceback if it has ended.
        await asyncio.sleep(LAST_REPORT_SECONDS)
        locked = isinstance(error, DBAPIError) and dialect.is_locked(error)
        raise CommandError(IN_USE if locked else unreachable(failure(dialect, error))) from error
    async with aclosing(connection):
        yield connection


def failure(dialect: ModuleType, error: Exception) -> str:
    """Why a connection failed, in one line. Clients must not see it: it may name a host, a user or a database."""
    reason: str = dialect.reason(error) if isinstance(error, DBAPIError) else str(error)
    return reason.rstrip(".") or type(error).__name__


def unreachable(reason: str) -> str:
    """The message of commands."""
    return f"The database cannot be reached: {reason}. Check DATABASE_URL."


def pending(applied: AbstractSet[str]) -> bool:
    """Whether a migration of this code is missing.

    A revision that this code does not know belongs to a newer release: its migrations run while old processes still
    serve, and these must stay ready.
    """
    known, newest = _revisions()
    return applied <= known and applied != newest


@cache
def _revisions() -> tuple[frozenset[str], frozenset[str]]:
    """All revisions of this code, and the newest."""
    scripts = ScriptDirectory(str(FOLDER))
    return frozenset(script.revision for script in scripts.walk_revisions()), frozenset(scripts.get_heads())
