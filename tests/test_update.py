"""An unchanged project that is updated equals a newly generated one: from every release, with every answer changed."""

import json
from pathlib import Path

import pytest
from combinations import COMBINATIONS, FEATURES, Answers
from conftest import Render, own
from releases import commit, git, recorded
from updates import OWN, conflicts, contents, flips, update

pytestmark = pytest.mark.updates

FLIPS = [(name, flip) for name, answers in COMBINATIONS.items() for flip in flips(answers, FEATURES)]
RELEASES = [f"v{version}" for version in recorded()]
NAMES = list(COMBINATIONS)
OPPOSITES = list(zip(NAMES, reversed(NAMES), strict=True))
# The newest release with every combination, each older one with two that differ in every answer.
BEFORE = [
    pytest.param(release, COMBINATIONS[name], id=f"{release}-{name}")
    for age, release in enumerate(reversed(RELEASES))
    for name in (OPPOSITES[age % len(OPPOSITES)] if age else NAMES)
]


class TestSameRelease:
    def test_an_update_to_the_same_release_changes_nothing(self, workspace: Path) -> None:
        update(workspace)

        assert git(workspace, "status", "--porcelain") == ""


class TestAnotherAnswer:
    @pytest.mark.parametrize(("name", "flip"), FLIPS, ids=[f"{name}-to-{json.dumps(flip)}" for name, flip in FLIPS])
    def test_a_changed_answer_gives_the_same_as_a_new_project(
        self, render: Render, tmp_path: Path, name: str, flip: Answers
    ) -> None:
        project = own(render(COMBINATIONS[name]), tmp_path / "my-api")

        update(project, **flip)

        becomes(project, render(COMBINATIONS[name]), render({**COMBINATIONS[name], **flip}))


class TestEveryRelease:
    @pytest.mark.parametrize(("release", "answers"), BEFORE)
    def test_an_update_from_each_release_gives_the_same_as_a_new_project(
        self, render: Render, tmp_path: Path, release: str, answers: Answers
    ) -> None:
        project = own(render(answers, release), tmp_path / "my-api")

        update(project)

        becomes(project, render(answers, release), render(answers))


def becomes(project: Path, before: Path, fresh: Path) -> None:
    """Check that all files equal those of a new project, except the owner's files, which did not change."""
    assert conflicts(project) == []
    assert contents(project) == {**contents(fresh), **{name: (before / name).read_bytes() for name in OWN}}


@pytest.mark.parametrize("rule", ["error", "fix"])
def test_whitespace_rules_of_git_lose_no_edit(render: Render, tmp_path: Path, rule: str) -> None:
    """Copier applies the owner's edits with `git apply`, and does not check whether it succeeds."""
    project = own(render({}, RELEASES[0]), tmp_path / "my-api")
    git(project, "config", "apply.whitespace", rule)
    edits = {".env.example": 'MINE="a"   ', "app/schemas/pages.py": "MINE = 1", "notes.md": "mine  "}
    for name, line in edits.items():
        with (project / name).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    commit(project, "Mine")

    update(project)

    assert {name: (project / name).read_text("utf-8").splitlines()[-1] for name in edits} == edits


def test_files_of_the_owner_are_not_changed(render: Render, tmp_path: Path) -> None:
    """That includes files whose content the owner replaced."""
    project = own(render({}), tmp_path / "my-api")
    mine = ["README.md", "CHANGELOG.md", "requirements.txt", "requirements-dev.txt", "tests/conftest.py"]
    assert set(mine) <= OWN
    for name in mine:
        (project / name).write_text("mine\n", "utf-8")
    git(project, "commit", "--quiet", "--all", "--message", "Mine")

    update(project, database="postgresql", items=False)

    assert {name: (project / name).read_text("utf-8") for name in mine} == dict.fromkeys(mine, "mine\n")
