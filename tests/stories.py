"""Checks after an update: no work of the owner is lost, and no change of the template is missing."""

import hashlib
from collections.abc import Set as AbstractSet
from pathlib import Path

import owner
from edits import undo
from environments import claim, install
from updates import OWN, conflicts, contents

PYTEST = "pytest -q -p no:cacheprovider"
STYLE = "ruff check . && ruff format --check . && lint-imports"


def theirs(project: Path) -> dict[str, str]:
    """Return the files that an update must not change."""
    return owner.written(project) | {name: (project / name).read_text("utf-8") for name in OWN}


def judge(project: Path, fresh: Path, kept: AbstractSet[str] = frozenset()) -> None:
    """Check that no work of the owner is lost, and that no change of the template is missing."""
    updated, expected = contents(project, without=OWN), contents(fresh, without=OWN)
    deleted, added = set(owner.example(fresh)), set(owner.written(project)) | kept

    assert conflicts(project) == []
    assert set(updated) == set(expected) - deleted | added
    for name in set(expected) - deleted:
        assert undo(owner.EDITS, name, updated[name].decode()) == expected[name].decode(), name


def prove(project: Path, shared: Path, options: str = "") -> None:
    """Run the checks and tests of the project, unless another test does. If only migrations differ, run tests/whole."""
    code = {name: text for name, text in contents(project).items() if name.endswith((".py", ".ini", ".txt"))}
    apart = {name: text for name, text in code.items() if not name.startswith("migrations/")}
    complete, with_migrations = (claim(shared / f"story-{digest(seen)}") for seen in (apart, code))

    if complete:
        succeed(project, f"{STYLE} && {PYTEST} {options}")
    elif with_migrations:
        succeed(project, f"{PYTEST} tests/whole")


def digest(seen: dict[str, bytes]) -> str:
    return hashlib.sha256(repr(sorted(seen.items())).encode()).hexdigest()[:16]


def succeed(project: Path, checks: str) -> None:
    """Update the lock, as the message after an update says, and run the checks."""
    install(project).succeed(project, "python scripts/lock.py")
    install(project).succeed(project, checks)
