"""The server that `run.py` starts: its limits, and how it ends."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import pytest
import uvicorn

from app.core import capacity, server
from app.core.server import Protocol
from tests.fixtures.applications import Api
from tests.fixtures.logs import Log
from tests.fixtures.settings import VALUES

ROOT = Path(__file__).parents[2]
GET = b"GET /health/live HTTP/1.1\r\nHost: test\r\n"
LOGIN = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
BODY = json.dumps({"email": "ada@example.com", "password": "x"}).encode()


class Answer:
    """A response as it came over the wire."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        self.status = int(status.split()[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def is_problem(self, status: int, code: str) -> bool:
        problem: dict[str, Any] = json.loads(self.body)
        assert (problem["status"], problem["code"]) == (self.status, code) == (status, code)
        assert problem["request_id"] == self.headers["x-request-id"]
        assert self.headers["content-type"] == "application/problem+json"
        assert self.headers["x-content-type-options"] == "nosniff"
        return self.headers["connection"] == "close"


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def send(port: int, *pieces: bytes) -> Answer:
    async with connected(port) as (reader, writer):
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.02)
        return Answer(await asyncio.wait_for(reader.read(), 5))


class Quiet(uvicorn.Server):
    """Says when it is up, and leaves the signals to the tests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@pytest.fixture
async def port(real_api: Api, log: Log) -> AsyncIterator[int]:  # noqa: ARG001
    """The protocol of `run.py` around an application of the tests."""
    options: dict[str, Any] = {"http": Protocol, "proxy_headers": False, "log_config": None, "lifespan": "off"}
    running = Quiet(uvicorn.Config(real_api.app, port=0, **options))
    task = asyncio.create_task(running.serve())
    await running.up.wait()
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    await task


class TestLimits:
    async def test_what_is_no_http_is_told_so_as_everything_else(self, port: int) -> None:
        assert (await send(port, b"not http\r\n\r\n")).is_problem(400, "malformed_request")

    async def test_headers_end_somewhere(self, port: int) -> None:
        large = b"X: " + b"x" * server.MAX_HEAD_BYTES

        assert (await send(port, GET + large + b"\r\n\r\n")).is_problem(431, "headers_too_large")

    async def test_headers_without_an_end_are_not_collected(self, port: int) -> None:
        pieces = [b"x" * 16_384] * (server.MAX_HEAD_BYTES // 16_384 + 1)

        assert (await send(port, GET + b"X: ", *pieces)).is_problem(431, "headers_too_large")

    async def test_headers_within_the_limit_are_fine(self, port: int) -> None:
        large = b"X: " + b"x" * (server.MAX_HEAD_BYTES - 1000)

        assert (await send(port, GET + large, b"\r\nConnection: close\r\n\r\n")).status == 200

    async def test_headers_that_trickle_are_given_up(self, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server, "HEAD_SECONDS", 0.1)

        assert (await send(port, GET)).is_problem(408, "request_timeout")

    async def test_a_connection_that_says_nothing_is_closed(self, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server, "HEAD_SECONDS", 0.1)

        async with connected(port) as (reader, _):
            assert await asyncio.wait_for(reader.read(), 5) == b""

    async def test_a_body_may_take_its_time(self, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server, "HEAD_SECONDS", 0.05)
        head = LOGIN + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY)

        answer = await send(port, head, *(BODY[index : index + 8] for index in range(0, len(BODY), 8)))

        assert answer.status == 401

    async def test_connections_end_somewhere(self, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server, "MAX_CONNECTIONS", 1)

        async with connected(port):
            assert (await send(port, GET + b"\r\n")).is_problem(503, "overloaded")

    async def test_requests_under_way_end_somewhere(self, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(capacity, "MAX_REQUESTS", 1)
        async with connected(port) as (reader, writer):
            writer.write(LOGIN + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY))
            await asyncio.sleep(0.05)

            refused = await send(port, LOGIN + b"Connection: close\r\nContent-Length: 0\r\n\r\n")
            probed = await send(port, GET + b"Connection: close\r\n\r\n")

            writer.write(BODY)
            served = Answer(await reader.read())
        assert refused.is_problem(503, "overloaded")
        assert int(refused.headers["retry-after"]) > 0
        assert (probed.status, served.status) == (200, 401)

    async def test_connections_are_kept(self, port: int) -> None:
        async with connected(port) as (reader, writer):
            for _ in range(3):
                writer.write(GET + b"\r\n")
                assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")

    async def test_a_refusal_is_logged_with_its_id(self, port: int, log: Log) -> None:
        answer = await send(port, b"not http\r\n\r\n")

        [line] = log.of("request.refused")
        assert (line["status"], line["request_id"]) == (400, answer.headers["x-request-id"])


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
            async with asyncio.timeout(server.SHUTDOWN_SECONDS):
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
