"""PostgreSQL: the server of `TEST_DATABASE_URL`, or one that is started for this run and deleted after it."""

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

WORKERS = (1, 2)
# The data need not survive a power failure, and with few processes a frequent search for deadlocks is cheap.
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "deadlock_timeout": "100"}
# Copying the files of a database takes a tenth of the time in memory. A run needs less than half of MEMORY_BYTES.
MEMORY = Path("/dev/shm")  # noqa: S108  only this process can read the folder that it creates there
MEMORY_BYTES = 2 * 1024**3


class Databases:
    def __init__(self, url: URL, engine: AsyncEngine) -> None:
        self.url = url
        self.engine = engine
        self.created: list[str] = []

    async def create(self, template: str | None = None) -> str:
        name = f"test_{uuid4().hex}"
        copied = f' TEMPLATE "{make_url(template).database}"' if template else ""
        await self.execute(f'CREATE DATABASE "{name}"{copied}')
        self.created.append(name)
        return self.url.set(database=name).render_as_string(hide_password=False)

    def unreachable(self) -> str:
        return "postgresql+asyncpg://secret-name:hunter2@127.0.0.1:9/secret-name"

    async def drop_all(self) -> None:
        for name in self.created:
            await self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def execute(self, statement: str) -> None:
        async with self.engine.connect() as connection:
            await connection.execute(text(statement))


class Crashable:
    """A server for one test, with production settings, which can be killed."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url = _url_of(server)

    async def kill(self) -> None:
        """Kill all of its processes at once, as in a crash."""
        postmaster = self._server.get_postmaster_info().process
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            process.kill()
        for process in processes:
            await asyncio.to_thread(process.wait)

    async def start(self) -> None:
        """Start the server again. It recovers its data first."""
        await asyncio.to_thread(self._server.ensure_postgres_running)


@asynccontextmanager
async def serve_crashable() -> AsyncIterator[tuple[Databases, Crashable]]:
    """Run a server that a test may kill."""
    with (
        tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as short,
        _launched(Path(short)) as server,
    ):
        crashable = Crashable(server)
        async with _connected(crashable.url) as databases:
            yield databases, crashable


@asynccontextmanager
async def serve(folder: Path) -> AsyncIterator[Databases]:  # noqa: ARG001  the path of a socket must be short
    if given := os.environ.get("TEST_DATABASE_URL"):
        async with _connected(make_url(given)) as databases:
            yield databases
            await databases.drop_all()
    else:
        with tempfile.TemporaryDirectory(prefix="pg-", dir=_memory(), ignore_cleanup_errors=True) as short:
            async with _started(Path(short)) as databases:
                yield databases


def _memory() -> Path | None:
    """The memory file system, if it is writable and has enough space."""
    fits = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES
    return MEMORY if fits else None


@asynccontextmanager
async def _started(folder: Path) -> AsyncIterator[Databases]:
    with _launched(folder) as server:
        async with _connected(_url_of(server)) as databases:
            for name, value in UNSAFE_BUT_FAST.items():
                await databases.execute(f"ALTER SYSTEM SET {name} = {value}")
            await databases.execute("SELECT pg_reload_conf()")
            yield databases


@contextmanager
def _launched(folder: Path) -> Iterator[Any]:
    with warnings.catch_warnings(action="ignore"):
        # A development dependency on some platforms only. On others, set TEST_DATABASE_URL.
        server = import_module("pgserver").get_server(folder / "data")
        try:
            yield server
        finally:
            server.cleanup()


def _url_of(server: Any) -> URL:
    socket = server.get_postmaster_info().socket_dir
    return URL.create("postgresql+asyncpg", "postgres", database="postgres", query={"host": str(socket)})


@asynccontextmanager
async def _connected(url: URL) -> AsyncIterator[Databases]:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    yield Databases(url, engine)
    await engine.dispose()
