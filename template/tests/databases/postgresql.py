"""PostgreSQL: the server of `TEST_DATABASE_URL`, or one that is started for this run and deleted after it."""

import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

WORKERS = (1, 2)
# Data that lives as long as a test run need not survive a power cut, and few processes are searched for deadlocks.
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "deadlock_timeout": "100"}
# In memory, the hundreds of files of a database are copied in a tenth of the time. A run takes less than half of this.
MEMORY = Path("/dev/shm")  # noqa: S108  the folder made there is ours alone
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


@asynccontextmanager
async def serve(folder: Path) -> AsyncIterator[Databases]:  # noqa: ARG001  a socket's path must be short
    if given := os.environ.get("TEST_DATABASE_URL"):
        async with _connected(make_url(given)) as databases:
            yield databases
            await databases.drop_all()
    else:
        with tempfile.TemporaryDirectory(prefix="pg-", dir=_memory(), ignore_cleanup_errors=True) as short:
            async with _started(Path(short)) as databases:
                yield databases


def _memory() -> Path | None:
    """Where it may be written and has room, which is not so everywhere."""
    fits = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES
    return MEMORY if fits else None


@asynccontextmanager
async def _started(folder: Path) -> AsyncIterator[Databases]:
    with warnings.catch_warnings(action="ignore"):
        # A development dependency on some platforms only; where it is missing, set TEST_DATABASE_URL.
        server = import_module("pgserver").get_server(folder / "data")
        try:
            socket = server.get_postmaster_info().socket_dir
            url = URL.create("postgresql+asyncpg", "postgres", database="postgres", query={"host": str(socket)})
            async with _connected(url) as databases:
                for name, value in UNSAFE_BUT_FAST.items():
                    await databases.execute(f"ALTER SYSTEM SET {name} = {value}")
                await databases.execute("SELECT pg_reload_conf()")
                yield databases
        finally:
            server.cleanup()


@asynccontextmanager
async def _connected(url: URL) -> AsyncIterator[Databases]:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    yield Databases(url, engine)
    await engine.dispose()
