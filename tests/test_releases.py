"""What was released stays: questions, choices, migrations, and the commits themselves."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import release
import releases
import yaml
from combinations import CONFIG, DEFINITIONS, ROOT
from conftest import Render, own
from environments import ENVIRONMENTS, once
from releases import NEXT, UnknownReleaseError, git, latest, lay_tags
from updates import given

BEFORE = f"v{latest()}"
CHANGELOG = (
    "## 0.3.0 — 2026-12-01\n\n### Added\n\n- Doors.\n\n### After updating\n\nOpen them.\n\n## 0.2.0 — 2026-11-01\n"
)


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
            assert now["type"] == details["type"]
            assert now.get("default") == details.get("default")
            assert set(_values(details)) <= set(_values(now))

    def test_nothing_became_the_templates_that_was_the_owners(self, template: Path) -> None:
        before = yaml.safe_load(released(template, "copier.yml"))

        assert set(before["_skip_if_exists"]) <= set(CONFIG["_skip_if_exists"])

    def test_no_migration_changed(self, template: Path) -> None:
        folder = "template/migrations/versions"
        names = git(template, "ls-tree", "-r", "--name-only", BEFORE, folder).splitlines()

        assert names
        for name in names:
            assert (ROOT / name).read_text("utf-8") == released(template, name)

    def test_no_file_moved(self, template: Path) -> None:
        names = git(template, "ls-tree", "-r", "--name-only", BEFORE, "template").splitlines()

        assert [name for name in names if not (ROOT / name).exists()] == []


def _values(details: dict[str, Any]) -> list[Any]:
    choices = details.get("choices", [])
    return list(choices.values()) if isinstance(choices, dict) else list(choices)


class TestRecord:
    def test_every_release_is_in_the_history(self, template: Path) -> None:
        tags = git(template, "tag", "--list").split()

        assert {BEFORE, NEXT} <= set(tags)

    def test_an_unknown_commit_fails_loudly(self, template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(releases, "recorded", lambda: {"0.0.1": "0" * 40})

        with pytest.raises(UnknownReleaseError, match="git fetch --unshallow"):
            lay_tags(template)


class TestRelease:
    @pytest.mark.parametrize(
        ("version", "changelog", "reason"),
        [
            ("", CHANGELOG, "Name the version"),
            ("0.0.1", CHANGELOG, "is not newer"),
            ("0.4.0", CHANGELOG, "has no section"),
            ("0.3.0", CHANGELOG.replace("Open them.\n", ""), "says nothing under"),
        ],
    )
    def test_is_refused(self, version: str, changelog: str, reason: str) -> None:
        assert reason in (release.refusal(version, changelog) or "")

    def test_is_possible(self) -> None:
        assert release.refusal("0.3.0", CHANGELOG) is None


@pytest.mark.updates
class TestMinimumCopier:
    @pytest.fixture
    def copier(self) -> str:
        minimum = CONFIG["_min_copier_version"]

        def build(folder: Path) -> None:
            subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
            pip = ["uv", "pip", "install", "--quiet", "--python", str(folder)]
            subprocess.run([*pip, f"copier=={minimum}", "jinja2-ansible-filters"], check=True)

        ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
        return str(once(ENVIRONMENTS / f"copier-{minimum}", build) / "bin/copier")

    def test_copies_and_updates_without_trust(
        self, copier: str, template: Path, render: Render, tmp_path: Path
    ) -> None:
        project = own(render({}, BEFORE), tmp_path / "my-api")
        fresh = tmp_path / "fresh"
        options = ["--defaults", "--quiet", f"--vcs-ref={NEXT}"]

        subprocess.run([copier, "copy", *options, str(template), str(fresh)], check=True)
        subprocess.run([copier, "update", *options], cwd=project, check=True)

        assert given(project) == given(fresh)
