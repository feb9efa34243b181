"""What was released stays: questions, choices, migrations, and the commits themselves."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import owner
import pytest
import release
import releases
import yaml
from combinations import CONFIG, DEFINITIONS, ROOT, choices
from macros import environment
from releases import NEXT, UnknownReleaseError, commit, following, git, latest, lay_tags

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

    def test_no_question_or_choice_is_gone(self, questions: dict[str, dict[str, Any]]) -> None:
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

    def test_nothing_became_the_templates_that_was_the_owners(self, template: Path) -> None:
        before = yaml.safe_load(released(template, "copier.yml"))

        assert set(before["_skip_if_exists"]) <= set(CONFIG["_skip_if_exists"])

    def test_no_migration_changed(self, template: Path) -> None:
        folder = "template/migrations/versions"
        names = git(template, "ls-tree", "-r", "--name-only", BEFORE, folder).splitlines()

        assert names
        for name in names:
            assert (ROOT / name).read_text("utf-8") == released(template, name)

    def test_lists_end_as_they_did(self, template: Path) -> None:
        """There owners add lines of their own; a release adds its lines before the last one."""
        names = {f"template/{name}" for name in owner.LISTS}

        assert {name: (ROOT / name).read_text("utf-8").splitlines()[-1] for name in names} == {
            name: released(template, name).splitlines()[-1] for name in names
        }

    def test_no_file_moved(self, template: Path) -> None:
        names = git(template, "ls-tree", "-r", "--name-only", BEFORE, "template").splitlines()

        assert [name for name in names if not (ROOT / name).exists()] == []


class TestRecord:
    def test_every_release_is_in_the_history(self, template: Path) -> None:
        tags = git(template, "tag", "--list").split()

        assert {BEFORE, NEXT} <= set(tags)

    def test_a_shallow_clone_fails_loudly(self, template: Path, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", f"file://{template}", "shallow")

        with pytest.raises(UnknownReleaseError, match="git fetch --unshallow"):
            lay_tags(tmp_path / "shallow")

    def test_an_unknown_commit_fails_loudly(self, template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    def test_is_refused(self, version: str, changelog: str, reason: str) -> None:
        assert reason in (release.refusal(version, changelog) or "")

    def test_is_possible(self) -> None:
        assert release.refusal(VERSION, CHANGELOG) is None

    @pytest.fixture
    def clone(self, template: Path, tmp_path: Path) -> Path:
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "--quiet", str(template), str(clone))
        (clone / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
        commit(clone, "docs: changelog")
        return clone

    def test_that_would_stop_half_way_does_not_begin(self, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        head = git(clone, "rev-parse", "HEAD")
        release = [sys.executable, str(clone / "tools/release.py"), VERSION]

        tagged = subprocess.run(release, check=False, capture_output=True, text=True)
        git(clone, "tag", "--delete", NEXT)
        git(clone, "config", "user.useConfigOnly", "true")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        anonymous = subprocess.run(release, check=False, capture_output=True, text=True)

        assert f"The tag {NEXT} is there already" in tagged.stderr
        assert "who you are" in anonymous.stderr
        assert (git(clone, "status", "--porcelain"), git(clone, "rev-parse", "HEAD")) == ("", head)

    def test_is_recorded_and_tagged(self, clone: Path) -> None:
        git(clone, "tag", "--delete", NEXT)
        head = git(clone, "rev-parse", "HEAD").strip()
        release = [sys.executable, str(clone / "tools/release.py"), VERSION]

        subprocess.run(release, check=True)

        assert git(clone, "rev-parse", f"{NEXT}^{{commit}}").strip() == head
        assert (clone / "releases.toml").read_text("utf-8").endswith(f'"{VERSION}" = "{head}"\n')
        assert git(clone, "status", "--porcelain") == ""
        assert subprocess.run(release, check=False, capture_output=True).returncode == 1
