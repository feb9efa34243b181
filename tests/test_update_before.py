"""*Before you update* in docs/update.md: each check finds its problem, and its advice prevents lost edits."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from combinations import ROOT
from conftest import Render, own
from readme import BLOCK, section, type_in
from releases import NEXT, commit, git, latest
from updates import update

pytestmark = pytest.mark.updates

PAGE = ROOT / "docs/update.md"
BEFORE = f"v{latest()}"
# Its run.py differs from the current one, so that an update writes it.
OLD = "v0.6.0"
MINE = "# mine"
# The template must not change it: where both did, Copier merges whole files, and keeps every byte.
ENCODED = "tests/databases/sqlite.py"
REFORMAT = """#!/bin/sh
for file in $(git ls-files 'app/routers/*.py'); do
    sed 's/  # noqa.*//' "$file" > "$file.new" && mv "$file.new" "$file"
done
git add --all
"""


def items() -> list[list[str]]:
    """Return the commands of each item: its check, its fix, and a command for after the update, if there is one."""
    text = section(PAGE, "Before you update").partition("### Settings\n")[0]
    _, *found = re.split(r"^\d+\. ", text, flags=re.MULTILINE)
    return [[re.sub(r"(?m)^   ", "", block) for block in BLOCK.findall(item)] for item in found]


REPOSITORY, FLAGS, LINKS, ENCODINGS, IGNORED, SETTINGS, HOOKS, TEMPLATE = items()
[UPDATE_WITH_SETTINGS] = BLOCK.findall(section(PAGE, "Settings"))


def say(project: Path, line: str) -> str:
    """Run a check, and return its output. A check may exit with 1 if it finds nothing, like `grep`."""
    finished = type_in(project, f"set +e\n{line}")
    return finished.stdout + finished.stderr


def do(project: Path, line: str) -> None:
    finished = type_in(project, line)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def configure(monkeypatch: pytest.MonkeyPatch, folder: Path, settings: str) -> None:
    """Add settings to the user's git configuration, which already has an identity."""
    config = folder / "config"
    config.write_text(Path(os.environ["GIT_CONFIG_GLOBAL"]).read_text("utf-8") + settings, "utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))


def write(project: Path, *names: str) -> None:
    for name in names:
        path = project / name
        path.write_text(f"{MINE}\n{path.read_text('utf-8')}", "utf-8")


def lost(project: Path, *names: str) -> list[str]:
    return [name for name in names if MINE.encode() not in (project / name).read_bytes()]


@pytest.fixture
def project(render: Render, tmp_path: Path) -> Path:
    return own(render({}, BEFORE), tmp_path / "my-api")


def flag(project: Path) -> None:
    git(project, "update-index", "--skip-worktree", "run.py")
    git(project, "update-index", "--assume-unchanged", "cli.py")
    write(project, "run.py", "cli.py")


def link(project: Path) -> None:
    (project / "docs").rename(project / "documentation")
    (project / "docs").symlink_to("documentation")
    write(project, "documentation/security.md")
    commit(project, "Link")


def encode(project: Path, encoding: str = "cp1252") -> None:
    path = project / ENCODED
    path.write_bytes(f"{MINE} café\n{path.read_text('utf-8')}".encode(encoding))
    commit(project, "Encode")


def ignore(project: Path) -> None:
    """Ignore a file that is committed, and a folder that is not."""
    write(project, "alembic.ini", "scripts/lock.py")
    git(project, "rm", "-r", "--quiet", "--cached", "scripts")
    git(project, "commit", "--quiet", "--all", "--message", "Ignore")


@dataclass(frozen=True)
class Situation:
    """A situation that hides edits of some files from an update."""

    item: list[str]
    make: Callable[[Path], None]
    edited: list[str]
    settings: str = ""


HIDING = {
    "flags": Situation(FLAGS, flag, ["run.py", "cli.py"]),
    "links": Situation(LINKS, link, ["documentation/security.md"]),
    "encodings": Situation(ENCODINGS, encode, []),
    "ignored": Situation(
        IGNORED, ignore, ["alembic.ini", "scripts/lock.py"], "[core]\nexcludesFile = {folder}/ignored\n"
    ),
}
EDITED = [name for situation in HIDING.values() for name in situation.edited]


@pytest.fixture
def hidden(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with edits that are hidden in every way that does not stop the update."""
    (tmp_path / "ignored").write_text("*.ini\nscripts/\n", "utf-8")
    for situation in HIDING.values():
        configure(monkeypatch, tmp_path, situation.settings.format(folder=tmp_path))
        situation.make(project)
    return project


class TestChecks:
    def test_the_checks_find_nothing_in_a_clean_project(self, project: Path) -> None:
        assert [said for check, *_ in items() if (said := say(project, check))] == []

    def test_the_checks_find_nothing_in_a_clean_project_of_a_monorepo(self, render: Render, tmp_path: Path) -> None:
        own(render({}, BEFORE), tmp_path / "all/backend")
        (tmp_path / "all/backend/.git").rename(tmp_path / "all/.git")
        (tmp_path / "all/.gitignore").write_text("/build/\n", "utf-8")
        commit(tmp_path / "all", "Move")

        assert [said for check, *_ in items() if (said := say(tmp_path / "all/backend", check))] == []

    def test_the_checks_find_hidden_edits(self, hidden: Path) -> None:
        said = {name: say(hidden, situation.item[0]) for name, situation in HIDING.items()}

        assert said["flags"] == "h cli.py\nS run.py\n"
        assert said["links"].endswith("\tdocs\n")
        assert said["encodings"] == f"{ENCODED}\n"
        assert re.sub(r"\S+:(?=\d)", "", said["ignored"]).split() == [
            "alembic.ini", "mypy.ini", "pytest.ini", "2:scripts/", "scripts/"
        ]  # fmt: skip

    def test_the_check_of_encodings_reads_every_file(self, render: Render, tmp_path: Path) -> None:
        """All files are UTF-16, which git treats as binary."""
        project = own(render({"database": "postgresql"}), tmp_path / "my-api")
        names = [name for name in git(project, "ls-files").split("\n") if name and (project / name).stat().st_size]
        for name in names:
            (project / name).write_bytes((project / name).read_bytes().decode().encode("utf-16"))

        assert say(project, ENCODINGS[0]).splitlines() == names

    def test_the_checks_find_problematic_git_settings(
        self, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configure(monkeypatch, tmp_path, "")
        for setting, value, item in [
            ("apply.whitespace", "error", SETTINGS),
            ("apply.whitespace", "fix", SETTINGS),
            ("status.showUntrackedFiles", "no", SETTINGS),
            ("core.hooksPath", "/hooks", HOOKS),
            ("init.templateDir", "/templates", HOOKS),
        ]:
            git(project, "config", "--global", setting, value)
            assert say(project, item[0]) == f"{setting.lower()} {value}\n"
            git(project, "config", "--global", "--unset", setting)

    def test_the_checks_ignore_safe_git_settings(self, project: Path) -> None:
        git(project, "config", "apply.whitespace", "nowarn")
        git(project, "config", "status.showUntrackedFiles", "normal")

        assert say(project, SETTINGS[0]) == ""

    def test_the_check_finds_a_template_that_no_longer_exists(self, project: Path) -> None:
        answers = project / ".copier-answers.yml"
        text = answers.read_text("utf-8")
        for line in ("_src_path: /gone", "_commit: v0.0.1-7-gabcdef0", "_commit: null"):
            answers.write_text(re.sub(f"(?m)^{line.split()[0]} .*$", line, text), "utf-8")
            assert say(project, TEMPLATE[0])


class TestHiddenEdits:
    def test_hidden_edits_are_lost_without_the_advice(self, hidden: Path) -> None:
        """If this fails, Copier has been improved, and an item can be removed from the page."""
        do(hidden, "copier update --defaults --quiet")

        assert lost(hidden, *EDITED) == EDITED
        assert "caf\n" in (hidden / ENCODED).read_text("utf-8")

    def test_hidden_edits_are_kept_with_the_advice(self, hidden: Path) -> None:
        for situation in HIDING.values():
            do(hidden, situation.item[1])
        assert git(hidden, "status", "--porcelain") == ""

        do(hidden, UPDATE_WITH_SETTINGS)
        do(hidden, f"link=docs target=documentation\n{LINKS[2]}")

        assert lost(hidden, *EDITED) == []
        assert "café\n" in (hidden / ENCODED).read_text("utf-8")
        assert (hidden / "docs").readlink() == Path("documentation")
        assert updated(hidden)

    def test_edits_in_utf_16_are_kept_with_the_advice(self, project: Path) -> None:
        encode(project, "utf-16")
        assert say(project, ENCODINGS[0])

        do(project, ENCODINGS[1].replace("WINDOWS-1252", "UTF-16"))
        assert say(project, ENCODINGS[0]) == ""
        update(project)

        assert lost(project, ENCODED) == []


class TestIgnoredProject:
    @pytest.fixture
    def ignored(self, render: Render, tmp_path: Path) -> Path:
        project = own(render({}, OLD), tmp_path / "all/my-api")
        (project / ".git").rename(tmp_path / "all/.git")
        (tmp_path / "all/.gitignore").write_text("/my-api/\n", "utf-8")
        git(tmp_path / "all", "rm", "-r", "--quiet", "--cached", ".")
        commit(tmp_path / "all", "Ignore")
        write(project, "run.py")
        return project

    def test_an_ignored_project_loses_every_edit_without_the_advice(self, ignored: Path) -> None:
        assert "did not match" in say(ignored, REPOSITORY[0])
        update(ignored)

        assert lost(ignored, "run.py")

    def test_an_ignored_project_keeps_its_edits_with_the_advice(self, ignored: Path) -> None:
        do(ignored, REPOSITORY[1])
        assert say(ignored, REPOSITORY[0]) == ""
        update(ignored)

        assert not lost(ignored, "run.py")
        assert updated(ignored)


class TestSettings:
    """Settings of git, in a repository with several projects and with a conflict."""

    @pytest.fixture
    def backend(self, render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        project = own(render({}, BEFORE), tmp_path / "all/backend")
        (project / ".git").rename(tmp_path / "all/.git")
        write(project, "run.py")
        pins = project / "app/routers/auth.py"
        pins.write_text(pins.read_text("utf-8") + "MINE = 1  # noqa: mine\n", "utf-8")
        (tmp_path / "all/notes.md").write_text("A blank at the end \n", "utf-8")
        commit(tmp_path / "all", "Mine")
        (tmp_path / "hooks").mkdir()
        (tmp_path / "hooks/pre-commit").write_text(REFORMAT, "utf-8")
        (tmp_path / "hooks/pre-commit").chmod(0o755)
        configure(monkeypatch, tmp_path, "[apply]\nwhitespace = error\n[status]\nshowUntrackedFiles = no\n")
        configure(monkeypatch, tmp_path, f"[core]\nhooksPath = {tmp_path}/hooks\n")
        return project

    def test_these_settings_lose_every_edit(self, backend: Path) -> None:
        do(backend, "copier update --defaults --quiet")

        assert lost(backend, "run.py")

    def test_edits_are_kept_if_the_settings_are_overridden(self, backend: Path) -> None:
        do(backend, UPDATE_WITH_SETTINGS)

        assert not lost(backend, "run.py")
        assert updated(backend)


def test_env_example_is_committed_although_the_user_ignores_it(
    render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update needs the committed file. Files that may contain secrets are still ignored."""
    (tmp_path / "ignored").write_text(".env*\n", "utf-8")
    configure(monkeypatch, tmp_path, f"[core]\nexcludesFile = {tmp_path}/ignored\n")
    project = own(render({}), tmp_path / "my-api")
    write(project, ".env.example")
    for name in (".env", ".env.local", ".env.sqlite"):
        (project / name).write_text("SECRET=1\n", "utf-8")
    commit(project, "Mine")

    update(project, author_name="Somebody")

    assert lost(project, ".env.example") == []
    assert git(project, "ls-files", ".env*") == ".env.example\n"


def updated(project: Path) -> bool:
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text("utf-8"))
    return bool(answers["_commit"] == NEXT)
