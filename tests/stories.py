"""Checks after an update: no work of the owner is lost, and no change of the template is missing."""

from collections.abc import Set as AbstractSet
from fnmatch import fnmatch
from pathlib import Path

import owner
from edits import undo
from environments import install
from updates import OWN, conflicts, contents

PYTEST = "pytest -q -p no:cacheprovider"
EVERYWHERE = ["tests/whole", "tests/migrations/test_migrations.py"]
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


def prove(project: Path, tests: str = "") -> None:
    """
    Run the checks of the project, the tests that read all files, those of migrations, and the owner's; or those given.

    `judge` showed that all other files equal those of a new project, and test_project.py runs the tests of those.
    """
    mine = [name for name in owner.written(project) if fnmatch(name, "tests/*/test_*.py")]
    succeed(project, f"{STYLE} && {PYTEST} {tests or ' '.join([*EVERYWHERE, *mine])}")


def join_heads(project: Path) -> None:
    """If the owner's migration and one of the release have the same parent, join them, as docs/update.md says."""
    if install(project).succeed(project, "alembic heads").count("(head)") > 1:
        succeed(project, "alembic merge heads --rev-id=joined --message=Joined")


def succeed(project: Path, checks: str) -> None:
    """Update the lock, as the message after an update says, and run the checks."""
    install(project).succeed(project, "python scripts/lock.py")
    install(project).succeed(project, checks)
