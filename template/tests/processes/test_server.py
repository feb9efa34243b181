"""The server of `run.py`: its address, its arguments and how it stops."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from socket import AF_INET6, has_dualstack_ipv6, socket
from typing import Any

import pytest

from tests.fixtures.targets import Serve
from tests.targets import Target

ROOT = Path(__file__).parents[2]
BODY = json.dumps({"email": "ada@example.com", "password": "x"}).encode()
# The server sends `100 Continue` when the application begins to read the body. From then on, the request is running.
HEAD = b"\r\n".join(
    [
        b"POST /api/v1/auth/login HTTP/1.1",
        b"Host: test",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(BODY),
        b"Expect: 100-continue\r\n\r\n",
    ]
)
STOPPED = {0, -signal.SIGTERM}


@asynccontextmanager
async def running_request(target: Target) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A request whose body has not been sent yet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(target.url.rpartition(":")[2]))
    try:
        writer.write(HEAD)
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        yield reader, writer
    finally:
        writer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
class TestStop:
    async def test_running_requests_finish(self, serve: Serve, workers: int) -> None:
        target = await serve(workers=workers)
        async with running_request(target) as (reader, writer):
            target.process.terminate()
            await target.output.has("Shutting down", times=workers)
            writer.write(BODY)
            response = await asyncio.wait_for(reader.read(), 10)

        head = response.partition(b"\r\n\r\n")[0].lower()
        assert head.startswith(b"http/1.1 401 ")
        assert b"connection: close" in head
        assert await target.process.wait() in STOPPED

    @pytest.mark.slow
    async def test_a_request_that_does_not_end_is_cancelled_within_ten_seconds(
        self, serve: Serve, workers: int
    ) -> None:
        """Supervisors kill a process ten seconds after SIGTERM."""
        target = await serve(workers=workers)
        target.witness.expected_errors.add("Cancel 1 running task(s), timeout graceful shutdown exceeded")
        async with running_request(target) as (reader, _), asyncio.timeout(10):
            target.process.terminate()
            response = await reader.read()
            assert await target.process.wait() in STOPPED

        head, _, body = response.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: " in head
        assert json.loads(body)["code"] == "stopping"


class TestHost:
    @pytest.mark.skipif(not has_dualstack_ipv6(), reason="this machine has no IPv6")
    async def test_the_host_two_colons_accepts_ipv4_too(self, serve: Serve, workers: int) -> None:
        """A health check on the same machine may use 127.0.0.1."""
        with socket(AF_INET6) as free:
            free.bind(("::", 0))
            port = free.getsockname()[1]
        target = await serve(host="::", port=port, workers=workers)

        for address, client_address in (("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")):
            target.url = f"http://{address}:{port}"
            client = await target.client(client_address)
            assert (await client.get("/health/live")).status_code == 200


class TestArguments:
    @pytest.mark.parametrize(("argument", "code"), [("--help", 0), ("--unknown", 2)])
    def test_help_and_unknown_arguments_start_no_server(self, argument: str, code: int) -> None:
        command: Any = [sys.executable, "run.py", argument]

        ended = subprocess.run(  # noqa: S603
            command, cwd=ROOT, capture_output=True, check=False, text=True, timeout=30
        )

        assert ended.returncode == code
        assert "usage: run.py" in ended.stdout + ended.stderr
