"""Create databases for tests. Each kind has a module here, with the same name as in `app.db.dialects`."""

import os
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from sqlalchemy.engine import make_url

from app.core.config import PROJECT

GIVEN = os.environ.get("TEST_DATABASE_URL", PROJECT["database_url"])
KIND = os.environ.get("TEST_DATABASE", make_url(GIVEN).get_backend_name())


class Server(Protocol):
    """Creates databases, and drops all of them when it is closed."""

    async def create(self, template: str | None = None) -> str:
        """Create a database, empty or a copy of another, and return its URL."""

    def unreachable(self) -> str:
        """The URL of a database that cannot be reached."""


class Module(Protocol):
    """The members of each of these modules."""

    # The numbers of worker processes to test with this database.
    WORKERS: tuple[int, ...]

    @staticmethod
    def serve(folder: Path) -> AbstractAsyncContextManager[Server]:
        """Run a server for one run of the tests."""


def module() -> Module:
    """The module of the kind of database that this run uses."""
    return cast("Module", import_module(f"{__name__}.{KIND}"))
