"""A server for attacks: `run.py` in its own process, with its own database, and settings in environment variables."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, AsyncHTTPTransport

from app.core.config import Settings
from app.core.http.openapi import Api as Application
from app.main import create_app
from tests.fixtures.applications import Api
from tests.fixtures.settings import VALUES
from tests.witnesses import USER_AGENT, Witness

ROOT = Path(__file__).parents[1]
PORT = re.compile(r"running on http://\S*:(\d+)")
Program = Sequence[str]
RUN: Program = (str(ROOT / "run.py"),)
# Seconds. Hashing is slow on a machine that also runs other tests.
PATIENCE = 60


class Output:
    """What a process prints."""

    def __init__(self) -> None:
        self.text = ""
        self._grown = asyncio.Condition()

    async def collect(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            async with self._grown:
                self.text += line.decode()
                self._grown.notify_all()

    async def has(self, phrase: str, times: int = 1) -> None:
        """Wait until the phrase has been printed so many times."""
        async with asyncio.timeout(PATIENCE), self._grown:
            await self._grown.wait_for(lambda: self.text.count(phrase) >= times)

    def of(self, event: str) -> list[dict[str, Any]]:
        """The log lines of an event."""
        return [line for line in map(json.loads, self.text.splitlines()) if line["event"] == event]


class Target(Api):
    """Like `Api`, but the application runs in another process, and its clients use the network."""

    def __init__(
        self, app: Application, stack: AsyncExitStack, environment: dict[str, str], folder: Path, program: Program
    ) -> None:
        super().__init__(app, stack)
        self.program = program
        self.environment = environment
        self.folder = folder
        self.output = Output()
        self.witness = Witness(*(environment[name] for name in ("SECRET_KEY", "JWT_SECRET_KEY")))
        self.process: Process
        self.url = ""

    async def client(
        self,
        ip: str = "127.0.0.1",
        *,
        app: Any = None,  # noqa: ARG002
        bugs_fail_the_test: bool = True,  # noqa: ARG002
        **options: Any,
    ) -> AsyncClient:
        """A new client with its own connections, which come from this address."""
        client = AsyncClient(
            # Without TLS. Reading the certificates of the machine for each client would take seconds.
            transport=AsyncHTTPTransport(local_address=ip, verify=False),
            base_url=self.url,
            timeout=PATIENCE,
            event_hooks={"request": [self.witness.sent], "response": [self.witness.received]},
            **{**options, "headers": {"User-Agent": USER_AGENT, **options.get("headers", {})}},
        )
        return await self.stack.enter_async_context(client)

    async def clients(self, count: int, **options: Any) -> list[AsyncClient]:
        """Several clients with different connections, so that different workers serve them."""
        return [await self.client(**options) for _ in range(count)]

    async def command(self, *arguments: str) -> str:
        """Run a command of `cli.py`, and return its output."""
        process = await self._run(str(ROOT / "cli.py"), *arguments)
        printed, _ = await process.communicate()
        assert process.returncode == 0, printed.decode()
        return printed.decode()

    async def start(self) -> None:
        """Start the server, and wait until every worker has started."""
        self.process = await self._run(*self.program)
        assert self.process.stdout
        self.collecting = asyncio.create_task(self.output.collect(self.process.stdout))
        await self.output.has("running on")
        await self.output.has("Application startup complete", int(self.environment["WORKERS"]))
        if found := PORT.search(self.output.text):
            self.url = f"http://127.0.0.1:{found[1]}"

    async def stop(self) -> None:
        """Stop the server with SIGTERM, and wait until it has ended."""
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(PATIENCE):
            await self.process.wait()
            await self.collecting

    async def _run(self, *arguments: str) -> Process:
        """Run in an empty folder, so that no `.env` is read."""
        return await asyncio.create_subprocess_exec(
            sys.executable, *arguments,
            cwd=self.folder, env=self.environment, stdout=PIPE, stderr=STDOUT,
        )  # fmt: skip


@asynccontextmanager
async def serving(
    database_url: str, folder: Path, served_database_url: str = "", program: Program = RUN, **settings: Any
) -> AsyncIterator[Target]:
    """Run a server until the end of the block. Then check that neither the log nor the database contains a secret.

    `served_database_url` is for a server that reaches the database by another URL than the tests.
    """
    values = {"log_level": "DEBUG", "workers": 1, "port": 0, **VALUES, **settings, "database_url": database_url}
    given = {**values, "database_url": served_database_url or database_url}
    environment = {**os.environ, **{name.upper(): str(value) for name, value in given.items()}, "PYTHONPATH": str(ROOT)}
    async with AsyncExitStack() as stack:
        target = Target(create_app(Settings(**values)), stack, environment, folder, program)
        stack.push_async_callback(target.database.close)
        try:
            await target.start()
            yield target
        finally:
            await target.stop()
        await target.witness.search(target.database, target.output.text)
