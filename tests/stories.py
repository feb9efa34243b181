"""Checks after an update: no work of the owner is lost, and no change of the template is missing."""

import hashlib
from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import Path

import owner
from edits import undo
from environments import install, once
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
    """Run the checks and tests of the project. If only migrations differ, tests/whole is enough."""
    code = {name: text for name, text in contents(project).items() if name.endswith((".py", ".ini", ".txt"))}
    apart = {name: text for name, text in code.items() if not name.startswith("migrations/")}

    for seen, checks in ((apart, f"{STYLE} && {PYTEST} {options}"), (code, f"{PYTEST} tests/whole")):
        digest = hashlib.sha256(repr(sorted(seen.items())).encode()).hexdigest()[:16]
        once(shared / f"story-{digest}", partial(succeed, project, checks))


def succeed(project: Path, checks: str, _: Path) -> None:
    """Update the lock, as the message after an update says, and run the checks."""
    install(project).succeed(project, "python scripts/lock.py")
    install(project).succeed(project, checks)
