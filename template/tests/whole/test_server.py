"""The server that `run.py` starts: its limits, its arguments, and how it ends."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import run
from app.core.http import limits
from tests import expect
from tests.fixtures.applications import Api
from tests.fixtures.settings import VALUES

ROOT = Path(__file__).parents[2]
LOGIN = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
BODY = json.dumps({"email": "ada@example.com", "password": "x"}).encode()


class Answer:
    """A response as the server sent it."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        self.status = int(status.split()[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


class TestRequestLimit:
    async def test_too_many_requests_at_once_are_refused_but_probes_are_not(
        self, real_api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_REQUESTS", 1)
        client, body_may_end = await real_api.client(), asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield BODY[:1]
            await body_may_end.wait()
            yield BODY[1:]

        headers = {"Content-Type": "application/json"}
        waiting = asyncio.create_task(client.post("/api/v1/auth/login", content=body(), headers=headers))
        async with asyncio.timeout(5):
            while (refused := await client.post("/api/v1/auth/login", json={})).status_code != 503:
                await asyncio.sleep(0)
        probed = await client.get("/health/live")
        body_may_end.set()

        expect.problem(refused, 503, "overloaded")
        assert int(refused.headers["retry-after"]) > 0
        assert (probed.status_code, (await waiting).status_code) == (200, 401)


@pytest.mark.parametrize("arguments", [("--help",), ("--nonsense",), ("surplus",)])
async def test_arguments_do_not_start_the_server(arguments: tuple[str, ...]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "run.py", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )

    output, errors = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == (0 if arguments == ("--help",) else 2)
    assert b"--migrate" in output + errors


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGTERM")
class TestProcess:
    async def test_a_request_under_way_at_sigterm_is_answered(self, own_database_url: str) -> None:
        async with _process(own_database_url) as (process, port), connected(port) as (reader, writer):
            writer.write(LOGIN + b"Content-Length: %d\r\n\r\n" % len(BODY))
            await asyncio.sleep(0.3)

            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)
            writer.write(BODY)

            answer = Answer(await asyncio.wait_for(reader.read(), 10))
            async with asyncio.timeout(run.SHUTDOWN_SECONDS):
                assert await process.wait() in {0, -signal.SIGTERM}
        assert (answer.status, answer.headers["connection"]) == (401, "close")

    @pytest.mark.slow
    async def test_a_request_that_never_ends_does_not_keep_it(self, own_database_url: str) -> None:
        async with _process(own_database_url) as (process, port), connected(port) as (_, writer):
            writer.write(LOGIN + b"Content-Length: 10\r\n\r\n")
            await asyncio.sleep(0.3)
            process.send_signal(signal.SIGTERM)

            async with asyncio.timeout(10):
                assert await process.wait() in {0, -signal.SIGTERM}


@asynccontextmanager
async def _process(database_url: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Run `run.py` on a free port, which its first lines of log tell."""
    settings = {name.upper(): str(value) for name, value in VALUES.items()}
    environment = {**os.environ, **settings, "DATABASE_URL": database_url, "PORT": "0"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "run.py", cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        async for line in process.stdout:
            if b"running on" in line:
                yield process, int(json.loads(line)["event"].split(" ")[3].rpartition(":")[2])
                break
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
