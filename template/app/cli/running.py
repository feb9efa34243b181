"""Run the asynchronous work of commands."""

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from app.cli.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from app.components import Components
    from app.core.config import Settings
    from app.db.database import Database

T = TypeVar("T")

LAST_REPORT_SECONDS = 0.1


def run(work: "Callable[[Components], Coroutine[Any, Any, T]]", *, in_production: str | None = None) -> T:
    """Do the work with new components. With `in_production`, refuse it in production and show that advice."""
    from app.components import Components
    from app.core.config import load_settings
    from app.core.logging import configure_logging

    settings = load_settings()
    if in_production:
        refuse_production(settings, in_production)
    # The command prints an error as one line. A logged warning about the same error would be a second line.
    configure_logging(settings.model_copy(update={"log_level": "ERROR"}), sys.stderr)
    return asyncio.run(_work(Components.from_settings(settings), work))


def refuse_production(settings: "Settings", advice: str) -> None:
    """Raise `Refused` in production."""
    if settings.production:
        raise Refused(f"Refused in production. {advice}")


@asynccontextmanager
async def closing(database: "Database") -> "AsyncIterator[None]":
    """Close the database before the event loop ends."""
    try:
        yield
    except Exception:
        # After a failed connection, a thread of the driver reports to this loop, or prints a traceback if it has ended.
        await asyncio.sleep(LAST_REPORT_SECONDS)
        raise
    finally:
        await database.close()


async def _work(components: "Components", work: "Callable[[Components], Coroutine[Any, Any, T]]") -> T:
    async with closing(components.database):
        return await work(components)
