"""Virtual environments of generated projects, one for each lock. Combinations and workers share them."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from combinations import ROOT
from filelock import FileLock

SETTINGS = re.compile(r"^[A-Z][A-Z0-9_]*(?==)", re.MULTILINE)
# Variables of this process: its virtual environment, and one that would make each Python process compile everything.
FOREIGN = {
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONDONTWRITEBYTECODE",
    "PYTEST_ADDOPTS",
    "UV_PROJECT_ENVIRONMENT",
}


# Not in pytest's temporary folder, which other users cannot read: if root runs the tests, PostgreSQL is another user.
ENVIRONMENTS = ROOT / ".nox/environments"


@dataclass(frozen=True)
class Environment:
    """A virtual environment for a project, and the environment variables of its commands."""

    folder: Path

    def variables(self, project: Path) -> dict[str, str]:
        """Return this process's variables, without its own virtual environment and without settings of the project."""
        settings = set(SETTINGS.findall((project / ".env.example").read_text("utf-8")))
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN | settings}
        caches = {f"{tool}_CACHE_DIR": str(self.folder / f".{tool.lower()}_cache") for tool in ("MYPY", "RUFF")}
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": path, "VIRTUAL_ENV": str(self.folder), "PYTEST_DEBUG_TEMPROOT": str(project.parent)}
        return {**kept, **caches, **own}

    def run(self, project: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command line in a shell, and return its result, even if it failed."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=project,
            env={**self.variables(project), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def succeed(self, project: Path, command: str, **variables: str) -> str:
        finished = self.run(project, command, **variables)
        assert finished.returncode == 0, f"{command} ended with {finished.returncode}:\n{finished.stdout[-6000:]}"
        return finished.stdout

    def check_types(self, project: Path) -> subprocess.CompletedProcess[str]:
        """Run mypy. Projects share its cache, which two processes at the same time would mix up."""
        with FileLock(self.folder / "mypy.lock"):
            return self.run(project, "mypy")

    def require_types(self, project: Path) -> None:
        finished = self.check_types(project)
        assert finished.returncode == 0, finished.stdout


def once(target: Path, build: Callable[[Path], None]) -> Path:
    """Return a folder that several workers share. The first worker builds it."""
    with FileLock(f"{target}.lock"):
        done = Path(f"{target}.done")
        if not done.exists():
            build(target)
            done.touch()
    return target


def install(project: Path) -> Environment:
    """Install the lock of a project. Projects with the same lock share the result, also in later runs."""
    lock = project / "requirements-dev.txt"

    def build(folder: Path) -> None:
        subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
        pip = ["uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", str(folder)]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)

    digest = hashlib.sha256(sys.version.encode() + lock.read_bytes()).hexdigest()
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    return Environment(once(ENVIRONMENTS / digest[:12], build))
