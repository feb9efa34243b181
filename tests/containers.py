"""Images and stacks of a project, on the container engine that `docker` uses."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Seconds. Longer than the start period and three health checks.
PATIENCE = 90


def require_engine() -> None:
    if shutil.which("docker") is None or docker("info").returncode != 0:
        pytest.skip("`docker info` fails: no container engine is running")


def docker(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = ["docker", *arguments]
    return subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True, timeout=600
    )


def succeed(*arguments: str, folder: Path | None = None) -> str:
    finished = docker(*arguments, folder=folder)
    assert finished.returncode == 0, f"docker {' '.join(arguments)}:\n{finished.stdout[-6000:]}"
    return finished.stdout


def inspect(name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(succeed("inspect", name))
    return found[0]


class Stack:
    """The services of a project. Requests are sent from inside the API's container."""

    def __init__(self, project: Path) -> None:
        self.project = project

    def compose(self, *arguments: str) -> str:
        return succeed("compose", *arguments, folder=self.project)

    def container(self, service: str) -> str:
        return self.compose("ps", "--all", "--quiet", service).strip()

    def status(self, path: str) -> int:
        return int(self.compose("exec", "-T", "api", "python", "-c", STATUS, path))

    def turns(self, health: str) -> None:
        """Wait until the API has this health status."""
        name = self.container("api")
        events = ["docker", "events", "--since=0", f"--until={time.time() + PATIENCE:.0f}"]
        events += [f"--filter=container={name}", "--filter=event=health_status"]
        with subprocess.Popen(events, stdout=subprocess.PIPE, text=True) as told:
            assert told.stdout
            while inspect(name)["State"]["Health"]["Status"] != health:
                assert told.stdout.readline()
            told.terminate()


STATUS = """
import sys, urllib.error, urllib.request
try:
    print(urllib.request.urlopen("http://127.0.0.1:8000" + sys.argv[1], timeout=10).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


@contextmanager
def up(project: Path) -> Iterator[Stack]:
    stack = Stack(project)
    try:
        stack.compose("up", "--build", "--detach", "--wait")
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "3")
