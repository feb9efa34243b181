"""Where tests get databases from: one module for each kind, named like its module in `app.db.dialects`."""

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
    """Makes databases, and drops them all when it is closed."""

    async def create(self, template: str | None = None) -> str:
        """The address of a new database, empty or a copy of another."""

    def unreachable(self) -> str:
        """The address of a database that is not there."""


class Module(Protocol):
    """What each of the modules offers."""

    # With how many processes an application on this database is served.
    WORKERS: tuple[int, ...]

    @staticmethod
    def serve(folder: Path) -> AbstractAsyncContextManager[Server]:
        """A server for one run of the tests."""


def module() -> Module:
    """The module of the kind of database that this run uses."""
    return cast("Module", import_module(f"{__name__}.{KIND}"))
