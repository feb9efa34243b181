"""What the project has already: models, migrations, and its repository."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from app import models
from app.core.config import ROOT
from app.core.discovery import modules_of
from app.db.base import Base, DualId
from scripts.resource import Refused
from scripts.resource.fields import Target
from tests import databases
from tests.fixtures.settings import VALUES

VERSIONS = ROOT / "migrations/versions"

# Rows of these end by themselves.
NO_TARGETS = {"sessions"}
WORD = re.compile(r"(?<!^)(?=[A-Z])")


def targets() -> dict[str, Target]:
    """The tables that a field may refer to."""
    modules_of(models)
    classes = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, DualId)]
    found = [_target(model) for model in classes]
    return {target.table: target for target in found if target.table not in NO_TARGETS}


def class_names() -> set[str]:
    """The names of all models."""
    modules_of(models)
    return {mapper.class_.__name__ for mapper in Base.registry.mappers}


def _target(model: Any) -> Target:
    singular = WORD.sub("_", model.__name__).lower()
    module = model.__module__.rpartition(".")[2]
    factory = ROOT / f"tests/factories/{module}.py"
    text = factory.read_text("utf-8") if factory.is_file() else ""
    add = re.search(rf"async def (add_{singular})\((?P<arguments>[^)]*)\)", text)
    return Target(
        table=model.__table__.name,
        class_name=model.__name__,
        module=module,
        singular=singular,
        owned="owner_id" in model.__table__.columns,
        factory=add[1] if add else None,
        factory_takes_owner=bool(add and "owner: User" in add["arguments"]),
    )


def uncommitted(paths: Iterable[str]) -> list[str]:
    """Those of the paths that git reports as changed or new. None without git, or outside of a repository."""
    try:
        status = subprocess.run(
            ["git", "status", "--porcelain", "--", *paths],  # noqa: S607  the user's own git
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return []
    return [line[3:] for line in status.stdout.splitlines()]


def in_repository() -> bool:
    """Whether git can take files back."""
    return any((folder / ".git").exists() for folder in (ROOT, *ROOT.parents))


async def write_migration(message: str, write_model: Callable[[], None]) -> Path:
    """Write the next migration. Alembic works on an empty database as the tests use it, not on yours.

    Raises:
        Refused: if the models differ from the migrations before `write_model`, or Alembic cannot write it.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with databases.module().serve(Path(folder)) as server:
            url = await server.create()
            await _alembic(url, "upgrade", "heads")
            await _alembic(url, "check")
            write_model()
            before = set(VERSIONS.glob("*.py"))
            try:
                await _alembic(url, "revision", "--autogenerate", "--message", message)
            finally:
                written = set(VERSIONS.glob("*.py")) - before
    return written.pop()


async def _alembic(url: str, *arguments: str) -> None:
    """Run it in its own process, because it remembers models. Its log shows what it does, so only errors are shown."""
    values = {**VALUES, "database_url": url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "alembic", *arguments,
        cwd=ROOT, env={**os.environ, **{name.upper(): str(value) for name, value in values.items()}},
        stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    if process.returncode:
        lines = (output + errors).decode().strip().splitlines()
        lines = lines or [f"(nothing; it ended with status {process.returncode})"]
        reason = next((line for line in lines if line.startswith("FAILED")), lines[-1])
        raise Refused(f"`alembic {arguments[0]}` must succeed first. It says: {reason}")
