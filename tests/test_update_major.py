"""The instructions for 1.0 in docs/update.md keep all work of an owner, also in files that are moved or removed."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import moves
import owner
import owner_0
import pytest
from combinations import Answers
from conftest import Render, own
from edits import make
from environments import install
from readme import commands, section, type_in
from releases import commit, git, parse, recorded
from stories import judge, prove, theirs
from updates import conflicts

pytestmark = pytest.mark.updates

UPDATE, PRINT, *ADAPT, REMOVE = commands(section(moves.PAGE, "From 0.x to 1.0"))
JOIN = commands(section(moves.PAGE, "Two heads"))[0]
BRANCH = "update-1.0"
FIRST, *_, LAST = [f"v{version}" for version in recorded() if parse(version)[0] == 0]
STARTS: dict[str, tuple[str, Answers]] = {
    "first": (FIRST, {"database": "postgresql", "docker": False, "items": False}),
    "last": (LAST, {}),
}


@dataclass(frozen=True)
class Story:
    """A project right after the update command of the page, and the data to compare it with."""

    project: Path
    fresh: Path
    theirs_before: dict[str, str]

    def read(self, name: str) -> str:
        return (self.project / name).read_text("utf-8")

    def unmerged(self, state: str) -> set[str]:
        lines = git(self.project, "status", "--porcelain").splitlines()
        return {line[3:] for line in lines if line.startswith(state)}


@pytest.fixture(params=list(STARTS))
def story(request: pytest.FixtureRequest, render: Render, tmp_path: Path) -> Story:
    release, answers = STARTS[request.param]
    project = own(render(answers, release), tmp_path / "my-api")
    owner_0.work_on(project)
    commit(project, "Orders")
    before = theirs(project)
    updated = type_in(project, UPDATE)
    assert "after resolving the conflicts" in updated.stderr, updated.stderr
    return Story(project, render(answers), before)


@pytest.mark.minutes(1)
def test_every_edit_is_merged_or_is_in_a_conflict_and_is_printed(story: Story) -> None:
    project = story.project
    both_modified, deleted = story.unmerged("UU"), story.unmerged("UD")

    # The owner's own files did not change, and an edit without a conflict has moved with its file.
    assert theirs(project) == story.theirs_before
    assert "            max_age=60,\n" in story.read("app/core/http/cors.py")
    # Every other edit is a marked conflict.
    assert set(conflicts(project)) == both_modified
    assert owner_0.LIMIT in story.read("app/core/security/throttling.py").partition("\n=======\n")[0]
    assert deleted == {edit.file for edit in owner_0.GOING}
    assert git_refuses(project)
    assert hooks_refuse(project) >= both_modified
    assert {f"+{line.strip()}" for line in ("max_age=60,", owner_0.LIMIT, *owner_0.GONE)} <= printed(project)

    resolve(project, both_modified, deleted)
    assert {"app/services/orders.py", "app/routers/users.py"} <= files_that_mypy_refuses(project)
    adapt(project)

    judge(project, story.fresh)
    install(project).succeed(project, JOIN)
    prove(project)
    commit(project, "Update")
    assert type_in(project, REMOVE).returncode == 0
    assert git(project, "branch", "--list", BRANCH) == ""


def test_a_project_among_others_keeps_its_edits(render: Render, tmp_path: Path) -> None:
    project = own(render({}, LAST), tmp_path / "all/backend")
    (project / ".git").rename(tmp_path / "all/.git")
    owner_0.work_on(project)
    commit(project, "Orders")
    before = theirs(project)

    updated = type_in(project, UPDATE)

    assert "after resolving the conflicts" in updated.stderr, updated.stderr
    assert theirs(project) == before
    assert "            max_age=60,\n" in (project / "app/core/http/cors.py").read_text("utf-8")
    assert {f"+{line.strip()}" for line in ("max_age=60,", owner_0.LIMIT, *owner_0.GONE)} <= printed(project)
    assert type_in(project, REMOVE).returncode == 0


@pytest.mark.parametrize("release", [FIRST, LAST])
def test_git_finds_the_moved_files_of_the_table_in_every_project(
    template: Path, render: Render, combination: Answers, project: Path, release: str
) -> None:
    folders = [str(render(combination, release)), str(project)]
    names = "".join(f"{folder.lstrip('/')}/|" for folder in folders)
    finished = subprocess.run(
        ["git", "diff", "--no-index", "--name-status", moves.SIMILARITY, *folders],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    found = moves.renames(re.sub(f"/?({names[:-1]})", "", finished.stdout))

    assert found
    assert found.items() <= moves.moves(template, *moves.border()).items()


def git_refuses(project: Path) -> bool:
    return "unmerged files" in type_in(project, "git commit --message Update").stderr


def hooks_refuse(project: Path) -> set[str]:
    """Try to commit all files unresolved, in a copy, and return the files that the hook refuses."""
    copy = shutil.copytree(project, project.parent / "careless")
    refused = install(copy).run(copy, "git add --all && pre-commit run conflict-markers")
    assert refused.returncode == 1
    return {line.partition(":")[0] for line in refused.stdout.splitlines()}


def printed(project: Path) -> set[str]:
    lines = type_in(project, PRINT).stdout.splitlines()
    return {line[0] + line[1:].strip() for line in lines if line.startswith("+")}


def resolve(project: Path, both_modified: set[str], deleted: set[str]) -> None:
    """Follow the page: take the template's files, repeat the edits, and move the edits of removed files."""
    git(project, "checkout", "--theirs", *both_modified)
    make([edit for edit in owner.EDITS if edit.file in {*both_modified, owner_0.NOW}], project)
    git(project, "rm", "--quiet", *deleted)
    git(project, "add", "--all")


def files_that_mypy_refuses(project: Path) -> set[str]:
    assert "mypy" in ADAPT
    return {line.partition(":")[0] for line in install(project).run(project, "mypy").stdout.splitlines()}


def adapt(project: Path) -> None:
    """Change the owner's code to the names of 1.0."""
    owner.write(owner.STORY, project)
    make([owner_0.NAMES], project)
