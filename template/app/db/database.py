"""Access to the database: reads without a transaction, writes in one that is committed explicitly or rolled back."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple

import structlog
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.core.config import Settings
from app.core.exceptions import AppError, Conflict, InvalidInput, Unavailable
from app.db.dialects import dialect_of
from app.db.migrations import APPLIED, failure, pending

log = structlog.get_logger("app.database")

# Errors of a service by the name of the constraint that was violated.
Errors = Mapping[str, type[AppError]]
NO_ERRORS: Errors = {}


class DatabaseUnavailable(Unavailable):
    """No connection, none free in time, or a lock that was not released. `reason` is for logs and commands."""

    code = "database_unavailable"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class NotMigrated(DatabaseUnavailable):
    """A table or a column does not exist. A client gets the same response."""


class Readiness(NamedTuple):
    """What a probe needs to know about the database."""

    reachable: bool
    migrated: bool


UNREACHABLE = Readiness(reachable=False, migrated=False)


class Database:
    """Two engines: reads run in autocommit, which saves two round trips, and writes in a transaction."""

    def __init__(self, settings: Settings) -> None:
        url = make_url(settings.database_url.get_secret_value())
        self.dialect = dialect_of(url)
        self.reading, self.writing = self.dialect.make_engines(url, settings.database_pool_size)
        self._probe: asyncio.Task[Readiness] | None = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that reads entities. Each statement sees what is committed when it runs.

        Raises:
            DatabaseUnavailable: instead of the driver's own errors.
        """
        with self._translated():
            async with AsyncSession(self.reading, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def read_rows(self) -> AsyncIterator[AsyncConnection]:
        """A connection that reads columns, for the most frequent requests: entities cost about twice as much.

        Raises:
            DatabaseUnavailable: instead of the driver's own errors.
        """
        with self._translated():
            # `async with` would start a task to close the connection, which costs as much as the query itself.
            connection = await self.reading.connect()
            try:
                yield connection
            finally:
                await connection.close()

    @asynccontextmanager
    async def write(self, errors: Errors = NO_ERRORS) -> AsyncIterator[AsyncSession]:
        """A session in one transaction, which is rolled back unless the service commits it.

        Raises:
            DatabaseUnavailable: instead of the driver's own errors.
            Conflict: if a constraint refused a write, or the error that `errors` has for the constraint's name.
            InvalidInput: if the database cannot store a value.
        """
        with self._translated(errors):
            async with AsyncSession(self.writing, expire_on_commit=False) as session:
                yield session

    async def readiness(self, within: float) -> Readiness:
        """Whether the database is usable, within so many seconds. Simultaneous calls share one query."""
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._examine(within))
        done, _ = await asyncio.wait({self._probe}, timeout=within)
        return self._probe.result() if done else UNREACHABLE

    async def close(self) -> None:
        """Close every connection."""
        await self.reading.dispose()
        await self.writing.dispose()

    async def _examine(self, within: float) -> Readiness:
        try:
            async with asyncio.timeout(within), self.reading.connect() as connection:
                applied = set(await connection.scalars(APPLIED))
        except DBAPIError as error:
            # The database responded that it has no table of versions.
            return Readiness(reachable=self.dialect.is_unmigrated(error), migrated=False)
        except (PoolTimeoutError, OSError, TimeoutError):
            return UNREACHABLE
        return Readiness(reachable=True, migrated=not pending(applied))

    @contextmanager
    def _translated(self, errors: Errors = NO_ERRORS) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise self._refusal(error, errors) from error
        except DBAPIError as error:
            if error.connection_invalidated or self.dialect.is_unavailable(error):
                raise self._unavailable(error) from error
            if self.dialect.is_unmigrated(error):
                log.warning("database.not_migrated", hint="run `alembic upgrade head`", exc_info=True)
                raise NotMigrated from error
            if self.dialect.is_invalid_value(error):
                raise _invalid_value(error) from error
            raise
        except StatementError as error:
            # A column type or the driver refused a value before the statement was sent.
            if isinstance(error.orig, ValueError | OverflowError):
                raise _invalid_value(error) from error
            raise
        except (PoolTimeoutError, OSError, TimeoutError) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> DatabaseUnavailable:
        reason = failure(self.dialect, error)
        log.warning("database.unavailable", reason=reason)
        return DatabaseUnavailable(reason)

    def _refusal(self, error: IntegrityError, errors: Errors) -> AppError:
        constraint = self.dialect.violated_constraint(error)
        if constraint in errors:
            return errors[constraint]()
        # Without the placeholders of the values. Not every database tells the name of a foreign key.
        statement = (error.statement or "").partition(" VALUES ")[0]
        reason = self.dialect.reason(error)
        log.warning("database.constraint_violated", constraint=constraint, reason=reason, statement=statement)
        return Conflict()


def _invalid_value(error: StatementError) -> AppError:
    """The schema accepted a value that the database cannot store. The log does not show it."""
    log.warning("database.invalid_value", reason=type(error.orig).__name__)
    return InvalidInput()
