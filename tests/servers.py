"""Run the server and the database of a generated project, with its own commands, and send requests."""

import json
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from environments import Environment

PATIENCE = 180


@dataclass(frozen=True)
class Client:
    """Sends JSON requests to a server on this machine."""

    base: str
    pid: int

    def get(self, path: str, token: str | None = None) -> tuple[int, Any]:
        return self._send(Request(self.base + path), token)  # noqa: S310

    def post(self, path: str, body: dict[str, Any], token: str | None = None, *, expect: int) -> Any:
        data = json.dumps(body).encode()
        request = Request(self.base + path, data, {"Content-Type": "application/json"}, method="POST")  # noqa: S310
        status, answer = self._send(request, token)
        assert status == expect, (status, answer)
        return answer

    def _send(self, request: Request, token: str | None) -> tuple[int, Any]:
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urlopen(request, timeout=10) as response:  # noqa: S310
                return response.status, json.loads(response.read() or "null")
        except HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or "null")


@contextmanager
def serving(environment: Environment, project: Path, script: str, **variables: str) -> Iterator[Client]:
    """Run a script that ends with a server, on a free port. Stop it with SIGTERM, and check that it ends cleanly."""
    port = str(_free_port())
    log = project.parent / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=project,
            env={**environment.variables(project), **variables, "PORT": port},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    client = Client(f"http://127.0.0.1:{port}", process.pid)
    try:
        _wait(client, process, log)
        yield client
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(PATIENCE)
    assert (status in {0, -signal.SIGTERM}, "Traceback" in log.read_text("utf-8")) == (True, False), log.read_text(
        "utf-8"
    )


@contextmanager
def postgresql(environment: Environment) -> Iterator[str]:
    """Start the PostgreSQL of the project's development dependency, and return the URL of an empty database."""
    script = "import sys, pgserver; print(pgserver.get_server(sys.argv[1]).get_uri(), flush=True); input()"
    # The socket is in this folder, and the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        command = [str(environment.folder / "bin/python"), "-W", "ignore", "-c", script, folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout
            yield server.stdout.readline().strip().replace("postgresql://", "postgresql+asyncpg://")
            server.communicate("\n", timeout=PATIENCE)


def _wait(client: Client, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            client.get("/health/live")
        except (URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(client.base)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
