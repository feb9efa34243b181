"""An update of a project that its owner worked on loses nothing of theirs and brings everything of ours."""

import hashlib
import re
import shutil
from pathlib import Path

import owner
import pytest
from combinations import ROOT, Answers
from conftest import Render, own
from copier import run_copy
from environments import install, once
from releases import NEXT, commit, git, latest, parse
from updates import OWN, conflicts, contents, update

pytestmark = pytest.mark.updates

BEFORE = f"v{latest()}"
LATER = f"v{parse(NEXT.removeprefix('v'))[0] + 1}.0.0"
NEWS = "# A later release says so.\n"
EDITED_BY_ALL = [
    "app/main.py",
    "app/core/config.py",
    "app/services/users.py",
    "app/routers/users.py",
    "tests/fixtures/people.py",
    "pyproject.toml.jinja",
    ".env.example.jinja",
    "Dockerfile.jinja",
    "ruff.toml",
]


@pytest.fixture
def before(combination: Answers, render: Render, tmp_path: Path) -> Path:
    """Give a project of the last release with its owner's work in it."""
    project = own(render(combination, BEFORE), tmp_path / "my-api")
    owner.work_on(project)
    commit(project, "Orders")
    return project


@pytest.fixture(scope="session")
def later_template(template: Path, shared: Path) -> Path:
    """Give the template with one more release, which inserts a line into the middle of each file that owners edit."""
    return once(shared / "later-template", lambda target: _make_later(template, target))


def _make_later(template: Path, target: Path) -> None:
    git(template, "clone", "--quiet", str(template), str(target))
    for name in EDITED_BY_ALL:
        path = target / "template" / name
        path.write_text(_with_news(path.read_text("utf-8")), "utf-8")
    commit(target, "A later release")
    git(target, "tag", LATER)


def _with_news(text: str) -> str:
    """Insert a comment at the blank line nearest to the middle, where it can hurt nothing."""
    blanks = [match.end() for match in re.finditer(r"\n(?=\n)", text)]
    middle = min(blanks, key=lambda position: abs(position - len(text) // 2))
    return text[:middle] + NEWS + text[middle:]


def judge(project: Path, fresh: Path) -> None:
    """Nothing of the owner's is lost, nothing of the template's is missing."""
    updated, expected = contents(project, without=OWN), contents(fresh, without=OWN)
    deleted = set(owner.example(fresh))
    added = set(owner.written(project))

    assert conflicts(project) == []
    assert set(updated) == set(expected) - deleted | added
    for name in set(expected) - deleted:
        assert owner.without_edits(name, updated[name].decode()) == expected[name].decode(), name


class TestStory:
    def test_goes_on_after_the_last_release(self, before: Path, project: Path, shared: Path) -> None:
        mine = owner.written(before)
        readme = (before / "README.md").read_text("utf-8")

        update(before)

        judge(before, project)
        assert owner.written(before) == mine
        assert (before / "README.md").read_text("utf-8") == readme
        prove(before, shared, "")

    def test_goes_on_after_a_release_that_touches_the_same_files(
        self, before: Path, combination: Answers, later_template: Path, tmp_path: Path, shared: Path
    ) -> None:
        fresh = tmp_path / "fresh"
        run_copy(str(later_template), fresh, data=combination, defaults=True, unsafe=False, quiet=True, vcs_ref=LATER)
        follow(before, later_template)

        update(before, LATER)

        git(before, "add", "--all")
        answers = ".copier-answers.yml"
        shutil.copyfile(before / answers, fresh / answers)
        judge(before, fresh)
        assert sum(NEWS.encode() in content for content in contents(before).values()) >= len(EDITED_BY_ALL) - 1
        prove(before, shared, "tests/whole tests/api/test_orders.py")


def follow(project: Path, template: Path) -> None:
    """Let the project take its updates from another copy of the template."""
    answers = project / ".copier-answers.yml"
    answers.write_text(re.sub(r"(?m)^_src_path: .*$", f"_src_path: {template}", answers.read_text("utf-8")), "utf-8")
    commit(project, "Follow")


def prove(project: Path, shared: Path, tests: str) -> None:
    """Run the project's own tests; projects whose code is the same prove each other."""
    seen = {name: text for name, text in contents(project).items() if name.endswith((".py", ".ini", ".txt"))}
    digest = hashlib.sha256(repr([tests, *sorted(seen.items())]).encode()).hexdigest()[:16]

    def run(_: Path) -> None:
        install(project).succeed(project, f"pytest -q -p no:cacheprovider {tests}")

    once(shared / f"story-{digest}", run)


class TestConflict:
    """Where both changed the same line, only a person can say what is right."""

    LINE = '"""The application. '

    @pytest.fixture
    def conflict(self, render: Render, later_template: Path, template: Path, tmp_path: Path) -> Path:
        project = own(render({}), tmp_path / "my-api")
        rewrite(project / "app/main.py", self.LINE, '"""Our application. ')
        follow(project, theirs := tmp_path / "template")
        git(template, "clone", "--quiet", str(later_template), str(theirs))
        rewrite(theirs / "template/app/main.py", self.LINE, '"""Their application. ')
        commit(theirs, "The same line")
        git(theirs, "tag", "v9.0.0")
        update(project, "v9.0.0")
        return project

    def test_is_marked_in_that_file_alone_and_refused(self, conflict: Path) -> None:
        text = (conflict / "app/main.py").read_text("utf-8")

        assert conflicts(conflict) == ["app/main.py"]
        assert "Our application." in text
        assert "Their application." in text
        git(conflict, "add", "--all")
        hook = install(conflict).run(conflict, "pre-commit run conflict-markers --all-files")
        assert hook.returncode == 1
        assert "app/main.py" in hook.stdout


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_files_that_all_edit_exist() -> None:
    assert [name for name in EDITED_BY_ALL if not (ROOT / "template" / name).exists()] == []
