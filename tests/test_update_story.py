"""An update of a project with an owner's work keeps all of this work and brings all changes of the template."""

from pathlib import Path

import later
import owner
import pytest
from combinations import Answers
from conftest import Render, own
from copier import run_copy
from edits import undo
from environments import install
from later import LATER
from releases import NEXT, commit, git, is_major, latest
from stories import join_heads, judge, prove, theirs
from updates import follow, update

pytestmark = pytest.mark.updates

# test_update_major.py tests the update to a new major version. Until its release, these tests begin with that version.
BEFORE = NEXT if is_major() else f"v{latest()}"
# All fast tests, once. The owner's work and the later release do not affect what the attacks test.
COMPLETE: Answers = {"database": "sqlite", "docker": True, "items": True}
FEWER = "-m 'not slow and not attack'"


@pytest.fixture
def before(combination: Answers, render: Render, tmp_path: Path) -> Path:
    """Return a project of the last release with an owner's work."""
    project = own(render(combination, BEFORE), tmp_path / "my-api")
    owner.work_on(project)
    commit(project, "Orders")
    return project


@pytest.fixture
def later_project(later_template: Path, combination: Answers, tmp_path: Path) -> Path:
    fresh = tmp_path / "fresh"
    run_copy(str(later_template), fresh, data=combination, defaults=True, unsafe=False, quiet=True, vcs_ref=LATER)
    return fresh


@pytest.mark.minutes(1)
class TestStory:
    """The answer about Docker changes no Python file, so the tests of a project with Docker run only for `COMPLETE`."""

    @pytest.mark.skipif(is_major(), reason="the next release is a new major version: see test_update_major.py")
    def test_an_update_from_the_last_release_keeps_all_work(
        self, before: Path, combination: Answers, project: Path
    ) -> None:
        mine = theirs(before)

        update(before)

        assert theirs(before) == mine
        judge(before, project)
        if not combination["docker"]:
            join_heads(before)
            prove(before)

    def test_an_update_that_changes_the_same_files_keeps_all_work(
        self, before: Path, combination: Answers, later_template: Path, later_project: Path
    ) -> None:
        follow(before, later_template)
        mine = theirs(before)

        update(before, LATER)

        assert theirs(before) == mine
        judge(before, later_project)
        for edit in later.NEWS:
            path = before / edit.file
            assert not path.exists() or undo([edit], edit.file, path.read_text("utf-8"))
        if combination == COMPLETE or not combination["docker"]:
            # The owner's migration and the release's migration have the same parent.
            install(before).succeed(before, "alembic merge heads --rev-id=joined --message=Joined")
            prove(before, FEWER if combination == COMPLETE else "")

    @pytest.mark.parametrize("flip", [{"docker": False}, {"database": "postgresql"}], ids=str)
    def test_an_update_with_a_changed_answer_keeps_all_work(
        self, render: Render, tmp_path: Path, flip: Answers
    ) -> None:
        """A changed answer may restore deleted files of the example, so the example is also disabled by its answer."""
        project = own(render({}, BEFORE), tmp_path / "my-api")
        owner.work_on(project)
        commit(project, "Orders")
        mine = theirs(project)

        migrations = {f"migrations/versions/{path.name}" for path in project.glob("migrations/versions/*_items.py")}

        update(project, **flip, items=False)
        git(project, "restore", "migrations/versions")

        assert theirs(project) == mine
        judge(project, render({**flip, "items": False}), migrations)
