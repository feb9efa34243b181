"""Questions, choices, migrations and commits of a release do not change in later releases."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import moves
import owner
import pytest
import release
import releases
import yaml
from combinations import CONFIG, DEFINITIONS, ROOT, choices
from conftest import Render
from macros import environment
from releases import NEXT, UnknownReleaseError, commit, following, git, is_major, latest, lay_tags, parse, upcoming

BEFORE = f"v{latest()}"
ANSWERS = [
    "x",
    "My API",
    "Café & Söhne (2.0) 日本",
    "7",
    "A-b_c.d+e",
    "x" * 60,
    "x" * 100,
    "x" * 200,
    'It\'s "so" <b> 100 %',
]
VERSION = NEXT.removeprefix("v")
CHANGELOG = f"""\
## {VERSION} — 2026-12-01

### Added

- Doors.

### After updating

Open them.

## {latest()} — 2026-11-01
"""


def released(template: Path, path: str) -> str:
    return git(template, "show", f"{BEFORE}:{path}")


class TestSinceTheLastRelease:
    @pytest.fixture
    def questions(self, template: Path) -> dict[str, dict[str, Any]]:
        config = yaml.safe_load(released(template, "copier.yml"))
        return {name: details for name, details in config.items() if not name.startswith("_")}

    def test_no_question_or_choice_was_removed(self, questions: dict[str, dict[str, Any]]) -> None:
        for name, details in questions.items():
            now = DEFINITIONS[name]
            assert now.get("default") == details.get("default")
            assert set(choices(details)) <= set(choices(now))
            assert choices(details) or now["type"] == details["type"]

    @pytest.mark.parametrize(
        ("macro", "arguments"), [("project_name_problem", ()), ("one_line", (100,)), ("one_line", (200,))]
    )
    def test_no_validator_became_stricter(self, template: Path, macro: str, arguments: tuple[int, ...]) -> None:
        """Copier would replace a stored answer that is no longer valid by the default."""
        then, now = (
            getattr(environment().from_string(text).module, macro)
            for text in (released(template, "extensions/naming.jinja"), (ROOT / "extensions/naming.jinja").read_text())
        )

        accepted = [answer for answer in ANSWERS if not then(answer, *arguments).strip()]
        assert accepted
        assert [answer for answer in accepted if now(answer, *arguments).strip()] == []

    def test_files_of_the_owner_still_belong_to_the_owner(self, template: Path) -> None:
        before = yaml.safe_load(released(template, "copier.yml"))

        assert set(before["_skip_if_exists"]) <= set(CONFIG["_skip_if_exists"])

    def test_no_migration_changed(self, template: Path) -> None:
        folder = "template/migrations/versions"
        names = git(template, "ls-tree", "-r", "--name-only", BEFORE, folder).splitlines()

        assert names
        for name in names:
            assert (ROOT / name).read_text("utf-8") == released(template, name)

    def test_the_last_lines_of_lists_did_not_change(self, render: Render) -> None:
        """Owners add lines at the end. A release must add its lines before the last one."""
        then, now = (
            {name: (project / name).read_text("utf-8").splitlines()[-1] for name in owner.LISTS}
            for project in (render({}, BEFORE), render({}))
        )

        assert now == then

    def test_files_move_in_major_versions_only_and_with_instructions(self, template: Path) -> None:
        before, now = (
            set(map(moves.rendered, git(template, "ls-tree", "-r", "--name-only", commit, "template").splitlines()))
            for commit in (BEFORE, NEXT)
        )
        major = parse(VERSION)[0]
        recipe = f"## From {major - 1}.x to {major}.0\n"

        assert before <= now or (is_major() and recipe in (ROOT / "docs/update.md").read_text("utf-8"))


class TestNext:
    @pytest.mark.parametrize(
        ("heading", "version"),
        [
            (f"## {VERSION} — unreleased", VERSION),
            (f"## {latest()} — 2026-11-01", following(latest())),
            ("## Unreleased", following(latest())),
        ],
    )
    def test_the_next_version_is_the_first_in_the_changelog(self, heading: str, version: str) -> None:
        assert upcoming(f"{heading}\n\n## {latest()} — 2026-11-01\n") == version


class TestRecord:
    def test_every_release_is_in_the_history(self, template: Path) -> None:
        tags = git(template, "tag", "--list").split()

        assert {BEFORE, NEXT} <= set(tags)

    def test_a_shallow_clone_is_reported(self, template: Path, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", f"file://{template}", "shallow")

        with pytest.raises(UnknownReleaseError, match="git fetch --unshallow"):
            lay_tags(tmp_path / "shallow")

    def test_an_unknown_commit_is_reported(self, template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(releases, "recorded", lambda: {"0.0.1": "0" * 40})

        with pytest.raises(UnknownReleaseError, match="git fetch --unshallow"):
            lay_tags(template)


class TestRelease:
    @pytest.mark.parametrize(
        ("version", "changelog", "reason"),
        [
            ("", CHANGELOG, "Name the version"),
            (latest(), CHANGELOG, "is not newer"),
            (following(VERSION), CHANGELOG, "has no section"),
            (VERSION, CHANGELOG.replace("Open them.\n", ""), "says nothing under"),
        ],
    )
    def test_a_version_that_cannot_be_released_is_refused(self, version: str, changelog: str, reason: str) -> None:
        assert reason in (release.refusal(version, changelog) or "")

    def test_the_next_version_can_be_released(self) -> None:
        assert release.refusal(VERSION, CHANGELOG) is None

    @pytest.fixture
    def clone(self, template: Path, tmp_path: Path) -> Path:
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "--quiet", str(template), str(clone))
        (clone / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
        commit(clone, "docs: changelog")
        return clone

    def test_a_release_that_would_fail_halfway_changes_nothing(
        self, clone: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        head = git(clone, "rev-parse", "HEAD")

        tagged = release_in(clone, VERSION)
        git(clone, "tag", "--delete", NEXT)
        git(clone, "config", "user.useConfigOnly", "true")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        anonymous = release_in(clone, VERSION)

        assert f"The tag {NEXT} exists already" in tagged.stderr
        assert "who you are" in anonymous.stderr
        assert (git(clone, "status", "--porcelain"), git(clone, "rev-parse", "HEAD")) == ("", head)

    def test_a_release_is_the_newest_commit_and_adds_its_record(self, clone: Path) -> None:
        """A project of the newest commit, in a clone without tags, is then a project of the release."""
        git(clone, "tag", "--delete", NEXT)
        released = release_in(clone, VERSION)

        assert released.returncode == 0, released.stderr
        assert git(clone, "rev-parse", f"{NEXT}^{{commit}}") == git(clone, "rev-parse", "HEAD")
        assert git(clone, "diff", "--name-only", "HEAD~").split() == ["releases.toml"]
        assert git(clone, "status", "--porcelain") == ""
        assert "is not newer" in release_in(clone, VERSION).stderr

    def test_the_next_release_records_the_commit_of_the_last(self, clone: Path) -> None:
        git(clone, "tag", "--delete", NEXT)
        release_in(clone, VERSION)
        first = git(clone, "rev-parse", "HEAD").strip()
        (clone / "CHANGELOG.md").write_text(CHANGELOG.replace(VERSION, following(VERSION)), "utf-8")
        commit(clone, "docs: changelog")

        release_in(clone, following(VERSION))

        *_, last, newest = (clone / "releases.toml").read_text("utf-8").splitlines()
        assert [last, newest] == [f'"{VERSION}" = "{first}"', f'"{following(VERSION)}" = "this commit"']

    def test_tags_can_be_added_to_a_clone_without_tags(self, clone: Path) -> None:
        git(clone, "tag", "--delete", NEXT)
        release_in(clone, VERSION)
        tags = {name: git(clone, "rev-parse", f"{name}^{{commit}}") for name in git(clone, "tag").split()}
        git(clone, "tag", "--delete", *tags)

        subprocess.run([sys.executable, str(clone / "tools/releases.py")], check=True)

        assert {name: git(clone, "rev-parse", f"{name}^{{commit}}") for name in git(clone, "tag").split()} == tags


def release_in(clone: Path, version: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(clone / "tools/release.py"), version]
    return subprocess.run(command, check=False, capture_output=True, text=True)
