"""A server to attack: `run.py` in a process of its own, on a database of its own, with settings by environment."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, AsyncHTTPTransport

from app.core.config import Settings
from app.main import Application, create_app
from tests.attacks.witnesses import USER_AGENT, Witness
from tests.fixtures.applications import Api
from tests.fixtures.settings import VALUES

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"running on http://([\d.]+:\d+)")
# As long as a server may take that hashes, on a machine that runs other tests too.
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
        """Wait until it has been printed so many times."""
        async with asyncio.timeout(PATIENCE), self._grown:
            await self._grown.wait_for(lambda: self.text.count(phrase) >= times)

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines about an event."""
        return [line for line in map(json.loads, self.text.splitlines()) if line["event"] == event]


class Target(Api):
    """What `Api` is for an application in this process; its clients come through the network."""

    def __init__(self, app: Application, stack: AsyncExitStack, environment: dict[str, str], folder: Path) -> None:
        super().__init__(app, stack)
        self.environment = environment
        self.folder = folder
        self.output = Output()
        self.witness = Witness(*(environment[name] for name in ("SECRET_KEY", "JWT_SECRET_KEY")))
        self.process: Process
        self.url = ""

    async def client(self, ip: str = "127.0.0.1", app: Any = None, **options: Any) -> AsyncClient:  # noqa: ARG002
        """A new client with connections of its own, from this address."""
        client = AsyncClient(
            # There is no TLS, and reading the machine's certificates for each client takes seconds of a run.
            transport=AsyncHTTPTransport(local_address=ip, verify=False),
            base_url=self.url,
            timeout=PATIENCE,
            event_hooks={"request": [self.witness.sent], "response": [self.witness.received]},
            **{**options, "headers": {"User-Agent": USER_AGENT, **options.get("headers", {})}},
        )
        return await self.stack.enter_async_context(client)

    async def clients(self, count: int, **options: Any) -> list[AsyncClient]:
        """Several, on different connections, which several workers share among them."""
        return [await self.client(**options) for _ in range(count)]

    async def command(self, *arguments: str) -> str:
        """What a command of `cli.py` prints."""
        process = await self._run("cli.py", *arguments)
        printed, _ = await process.communicate()
        assert process.returncode == 0, printed.decode()
        return printed.decode()

    async def start(self) -> None:
        """Serve, and wait until every worker does."""
        self.process = await self._run("run.py")
        assert self.process.stdout
        self.collecting = asyncio.create_task(self.output.collect(self.process.stdout))
        await self.output.has("running on")
        await self.output.has("Application startup complete", int(self.environment["WORKERS"]))
        if found := ADDRESS.search(self.output.text):
            self.url = f"http://{found[1]}"

    async def stop(self) -> None:
        """Ask it to end, as an engine does, and wait until it has."""
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(PATIENCE):
            await self.process.wait()
            await self.collecting

    async def _run(self, script: str, *arguments: str) -> Process:
        """From an empty folder, so that nobody's .env is read."""
        return await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / script), *arguments,
            cwd=self.folder, env=self.environment, stdout=PIPE, stderr=STDOUT,
        )  # fmt: skip


@asynccontextmanager
async def serving(
    database_url: str, folder: Path, served_database_url: str = "", **settings: Any
) -> AsyncIterator[Target]:
    """Serve until the end of the block. Afterwards neither log nor database may hold anything that was secret.

    The server may be given another way to the database than the tests.
    """
    values = {"log_level": "DEBUG", "workers": 1, **VALUES, **settings, "database_url": database_url, "port": 0}
    given = {**values, "database_url": served_database_url or database_url}
    environment = {**os.environ, **{name.upper(): str(value) for name, value in given.items()}}
    async with AsyncExitStack() as stack:
        target = Target(create_app(Settings(**values)), stack, environment, folder)
        stack.push_async_callback(target.database.close)
        try:
            await target.start()
            yield target
        finally:
            await target.stop()
        await target.witness.search(target.database, target.output.text)
