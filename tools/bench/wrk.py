"""Run the load generator wrk."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MISSING = "wrk is missing. Install it: `apt-get install wrk`, or `brew install wrk`."
SCRIPT = Path(__file__).with_name("requests.lua")


class Request(NamedTuple):
    """One line for requests.lua."""

    method: str
    path: str
    token: str = ""
    body: str = ""
    etag: str = ""
    address: str = ""


@dataclass(frozen=True)
class Load:
    """The measurements of wrk."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    # Broken connections, and requests that timed out.
    failed: int
    statuses: dict[str, int]

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def refused(self) -> int:
        """The number of responses with another status than 2xx."""
        return sum(count for status, count in self.statuses.items() if not status.startswith("2"))


def missing() -> bool:
    return shutil.which("wrk") is None


def version() -> str:
    """Return the name and version. wrk exits with 1 after printing them."""
    printed = subprocess.run(["wrk", "--version"], check=False, capture_output=True, text=True).stdout
    return " ".join(printed.split()[:2])


def run(url: str, kind: str, requests: Iterable[Request], connections: int, seconds: int) -> Load:
    """Send requests over so many connections for so many seconds."""
    with tempfile.NamedTemporaryFile("w", prefix="requests-") as file:
        file.writelines("\t".join(request) + "\n" for request in requests)
        file.flush()
        options = ["--threads=1", f"--connections={connections}", f"--duration={seconds}s", "--timeout=30s"]
        command = ["wrk", *options, f"--script={SCRIPT}", url, "--", kind, file.name]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Load(**json.loads(printed.splitlines()[-1]))
