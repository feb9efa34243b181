"""Migrations: applying them, and whether the tables are those that this code was written for.

Alembic owns its connection and its transactions: `alembic`, commands and tests all come here by `migrations/env.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet
from contextlib import aclosing, asynccontextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import MultipleHeads
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.core.config import Settings
from app.core.security.encryption import Sealer
from app.db.dialects import DatabaseDialect, dialect_for
from app.db.types import attach_sealer

FOLDER = Path(__file__).parents[2] / "migrations"
APPLIED = text("SELECT version_num FROM alembic_version")
UNREACHABLE = "The database cannot be reached. Is DATABASE_URL right, and does its server run?"
IN_USE = "The tables are in use, and their locks were not free in time. The transaction changed nothing; try again."
LAST_REPORT_SECONDS = 0.1


def upgrade(settings: Settings, revision: str = "head") -> list[str]:
    """Apply what is pending, and give its revisions, oldest first. Not inside an event loop: Alembic's is its own.

    Raises:
        CommandError: with one line that says why a migration failed.
    """
    applied: list[str] = []
    command.upgrade(configuration(settings, applied=applied), revision)
    return applied


def configuration(settings: Settings, **attributes: object) -> Config:
    """Make Alembic's configuration, for the database of these settings."""
    return Config(FOLDER.with_name("alembic.ini"), attributes={"settings": settings, **attributes})


async def migrate(settings: Settings, work: Callable[[Connection], None]) -> None:
    """Do Alembic's work on a connection of its own.

    Raises:
        CommandError: with one line that says why it failed. Errors of Python in a migration keep their traceback.
    """
    dialect = dialect_for(make_url(settings.database_url.get_secret_value()))
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
async def _connected(settings: Settings, dialect: DatabaseDialect) -> AsyncIterator[AsyncConnection]:
    engine = _engine(settings, dialect)
    try:
        connection = await engine.connect()
    except (DBAPIError, OSError, TimeoutError) as error:
        # A driver's thread that could not connect reports once more, and prints a traceback if the loop is gone.
        await asyncio.sleep(LAST_REPORT_SECONDS)
        locked = isinstance(error, DBAPIError) and dialect.is_locked(error)
        raise CommandError(IN_USE if locked else UNREACHABLE) from error
    async with aclosing(connection):
        yield connection


def _engine(settings: Settings, dialect: DatabaseDialect) -> AsyncEngine:
    """Not the engine that serves requests: a migration may take hours, and rebuilds tables that others refer to."""
    engine = create_async_engine(
        settings.database_url.get_secret_value(),
        poolclass=NullPool,
        hide_parameters=True,
        **dialect.MIGRATION_OPTIONS,
    )
    dialect.prepare_migrating(engine)
    attach_sealer(engine.dialect, Sealer([settings.secret_key, *settings.secret_key_fallbacks], "columns"))
    return engine


def pending(applied: AbstractSet[str]) -> bool:
    """Whether a migration of this code is missing.

    One that this code does not know is of a newer release: its migrations run while the old processes still serve, and
    those must not go red for it.
    """
    known, newest = _revisions()
    return applied <= known and applied != newest


@cache
def _revisions() -> tuple[frozenset[str], frozenset[str]]:
    """Those that come with this code, and the newest of them. The files of a running process do not change."""
    scripts = ScriptDirectory(str(FOLDER))
    return frozenset(script.revision for script in scripts.walk_revisions()), frozenset(scripts.get_heads())
