"""The ground that commands stand on."""

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
    """Do the work with components made for it. `in_production` says what to do there instead of this."""
    from app.components import Components
    from app.core import context
    from app.core.config import load_settings
    from app.core.logging import configure_logging

    settings = load_settings()
    if in_production:
        refuse_production(settings, in_production)
    # An error is told in one line by whoever catches it; a warning about the same would be a second.
    configure_logging(settings.model_copy(update={"log_level": "ERROR"}), sys.stderr)
    context.password_min_length.set(settings.password_min_length)
    return asyncio.run(_work(Components.of(settings), work))


def refuse_production(settings: "Settings", advice: str) -> None:
    """For commands that are for development only."""
    if settings.production:
        raise Refused(f"Refused in production. {advice}")


@asynccontextmanager
async def closing(database: "Database") -> "AsyncIterator[None]":
    """Close the database after the last work of an event loop."""
    try:
        yield
    except Exception:
        # A driver's thread that could not connect reports to this loop once more, or prints a traceback if it is gone.
        await asyncio.sleep(LAST_REPORT_SECONDS)
        raise
    finally:
        await database.close()


async def _work(components: "Components", work: "Callable[[Components], Coroutine[Any, Any, T]]") -> T:
    async with closing(components.database):
        return await work(components)
