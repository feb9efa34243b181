"""The way to the database: reads without a transaction, writes in one that is committed explicitly or rolled back."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple

import structlog
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from app.core.config import Settings
from app.core.exceptions import AppError, Unavailable
from app.core.security.encryption import Sealer
from app.db.dialects import DatabaseDialect, dialect_for
from app.db.migrations import APPLIED, pending
from app.db.types import attach_sealer
from app.db.violations import Violation


class DatabaseUnavailable(Unavailable):
    """No connection, none free in time, or a lock that was not released."""

    code = "database_unavailable"


class Condition(NamedTuple):
    """What a probe wants to know of the database."""

    reachable: bool
    migrated: bool


AWAY = Condition(reachable=False, migrated=False)

log = structlog.get_logger("app.database")

Refusals = Mapping[str | None, type[AppError]]
NONE: Refusals = {}


class Database:
    """Two engines: autocommit for reads, which saves two round trips a request, and transactions for writes."""

    def __init__(self, settings: Settings) -> None:
        url = make_url(settings.database_url.get_secret_value())
        self.dialect: DatabaseDialect = dialect_for(url)
        # Parameters are hidden from errors and logs: they are e-mail addresses and hashes.
        self.reading = create_async_engine(
            url, isolation_level="AUTOCOMMIT", hide_parameters=True, **self.dialect.READ_OPTIONS
        )
        self.writing = create_async_engine(url, hide_parameters=True, **self.dialect.WRITE_OPTIONS)
        self.dialect.prepare_reading(self.reading)
        self.dialect.prepare_writing(self.writing)
        sealer = Sealer([settings.secret_key, *settings.secret_key_fallbacks], "columns")
        self._probe: asyncio.Task[Condition] | None = None
        for engine in self._engines:
            attach_sealer(engine.dialect, sealer)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads. Each statement sees what is committed when it runs.

        Raises:
            DatabaseUnavailable: instead of the driver's own errors.
        """
        async with self.session(self.reading) as session:
            yield session

    @asynccontextmanager
    async def write(self, refusals: Refusals = NONE) -> AsyncIterator[AsyncSession]:
        """A session in one transaction, rolled back unless the service commits it.

        Raises:
            DatabaseUnavailable: instead of the driver's own errors.
            Violation: if a constraint refused a write, or the error that `refusals` has for the constraint's name.
        """
        try:
            async with self.session(self.writing) as session:
                yield session
        except Violation as violation:
            if violation.constraint not in refusals:
                raise
            raise refusals[violation.constraint] from violation

    @asynccontextmanager
    async def session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        """A new session; tests replace this to bind all sessions to one connection."""
        try:
            with self._translated():
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    yield session
        except DatabaseUnavailable as error:
            cause = error.__cause__
            log.warning("database.unavailable", reason=type(cause).__name__)
            if isinstance(cause, OSError) or getattr(cause, "connection_invalidated", False):
                # The server went away: what else is pooled is as dead, and would fail one request each.
                await self.close()
            raise

    async def condition(self, within: float) -> Condition:
        """Whether the database can be worked with, told within so many seconds.

        All who ask at once share one question, and nobody waits for a driver that takes its time to give up.
        """
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._examine(within))
        done, _ = await asyncio.wait({self._probe}, timeout=within)
        return self._probe.result() if done else AWAY

    async def close(self) -> None:
        """Give every connection back."""
        for engine in self._engines:
            await engine.dispose()

    async def _examine(self, within: float) -> Condition:
        try:
            async with asyncio.timeout(within), self.read() as session:
                applied = set(await session.scalars(APPLIED))
        except (DatabaseUnavailable, TimeoutError):
            return AWAY
        except DBAPIError:
            # It answered: there is no table of versions yet.
            return Condition(reachable=True, migrated=False)
        return Condition(reachable=True, migrated=not pending(applied))

    @property
    def _engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        return self.reading, self.writing

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise Violation(self.dialect.violated_constraint(error)) from error
        except DBAPIError as error:
            if error.connection_invalidated or self.dialect.is_unavailable(error):
                raise DatabaseUnavailable from error
            raise
        except (PoolTimeoutError, OSError, TimeoutError) as error:
            raise DatabaseUnavailable from error
