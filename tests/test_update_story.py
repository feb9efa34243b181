"""An update of a project that its owner worked on loses nothing of theirs and brings everything of ours."""

import hashlib
from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import Path

import later
import owner
import pytest
from combinations import Answers
from conftest import Render, own
from copier import run_copy
from edits import undo
from environments import install, once
from later import LATER
from releases import commit, git, latest
from updates import OWN, conflicts, contents, follow, update

pytestmark = pytest.mark.updates

BEFORE = f"v{latest()}"
PYTEST = "pytest -q -p no:cacheprovider"
STYLE = "ruff check . && ruff format --check . && lint-imports"
# What the later release touches is no matter of attacks, and the same with the example and without.
FEWER = {True: "-m 'not slow and not attack'", False: "tests/whole"}


@pytest.fixture
def before(combination: Answers, render: Render, tmp_path: Path) -> Path:
    """Give a project of the last release with its owner's work in it."""
    project = own(render(combination, BEFORE), tmp_path / "my-api")
    owner.work_on(project)
    commit(project, "Orders")
    return project


@pytest.fixture(scope="session")
def later_template(template: Path, shared: Path) -> Path:
    return once(shared / "later-template", lambda target: later.release(template, target))


@pytest.fixture
def later_project(later_template: Path, combination: Answers, tmp_path: Path) -> Path:
    fresh = tmp_path / "fresh"
    run_copy(str(later_template), fresh, data=combination, defaults=True, unsafe=False, quiet=True, vcs_ref=LATER)
    return fresh


@pytest.mark.minutes
class TestStory:
    def test_goes_on_after_the_last_release(self, before: Path, project: Path, shared: Path) -> None:
        mine = theirs(before)

        update(before)

        assert theirs(before) == mine
        judge(before, project)
        prove(before, shared)

    def test_goes_on_after_a_release_that_touches_the_same_files(
        self, before: Path, combination: Answers, later_template: Path, later_project: Path, shared: Path
    ) -> None:
        follow(before, later_template)
        mine = theirs(before)

        update(before, LATER)

        assert theirs(before) == mine
        judge(before, later_project)
        for edit in later.NEWS:
            path = before / edit.file
            assert not path.exists() or undo([edit], edit.file, path.read_text("utf-8"))
        # The owner's migration and the release's both continue from what was there.
        install(before).succeed(before, "alembic merge heads --rev-id=joined --message=Joined")
        prove(before, shared, FEWER[combination["items"]])

    @pytest.mark.parametrize("flip", [{"docker": False}, {"database": "postgresql"}], ids=str)
    def test_goes_on_with_another_answer(self, render: Render, tmp_path: Path, flip: Answers) -> None:
        """What is deleted by hand may return with an answer that brings files of its own; so the answer goes too."""
        project = own(render({}, BEFORE), tmp_path / "my-api")
        owner.work_on(project)
        commit(project, "Orders")
        mine = theirs(project)

        update(project, **flip, items=False)
        git(project, "restore", "migrations/versions")

        assert theirs(project) == mine
        judge(project, render({**flip, "items": False}), {"migrations/versions/0002_items.py"})


def theirs(project: Path) -> dict[str, str]:
    """Give the files that an update has no business with."""
    return owner.written(project) | {name: (project / name).read_text("utf-8") for name in OWN}


def judge(project: Path, fresh: Path, kept: AbstractSet[str] = frozenset()) -> None:
    """Nothing of the owner's is lost, nothing of the template's is missing."""
    updated, expected = contents(project, without=OWN), contents(fresh, without=OWN)
    deleted, added = set(owner.example(fresh)), set(owner.written(project)) | kept

    assert conflicts(project) == []
    assert set(updated) == set(expected) - deleted | added
    for name in set(expected) - deleted:
        assert undo(owner.EDITS, name, updated[name].decode()) == expected[name].decode(), name


def prove(project: Path, shared: Path, options: str = "") -> None:
    """Run the project's own checks and tests. Where only migrations differ, those about the whole tell enough."""
    code = {name: text for name, text in contents(project).items() if name.endswith((".py", ".ini", ".txt"))}
    apart = {name: text for name, text in code.items() if not name.startswith("migrations/")}

    for seen, checks in ((apart, f"{STYLE} && {PYTEST} {options}"), (code, f"{PYTEST} tests/whole")):
        digest = hashlib.sha256(repr(sorted(seen.items())).encode()).hexdigest()[:16]
        once(shared / f"story-{digest}", partial(succeed, project, checks))


def succeed(project: Path, checks: str, _: Path) -> None:
    """Bring the pins up to date, as the message after an update says."""
    install(project).succeed(project, "python scripts/lock.py")
    install(project).succeed(project, checks)
