"""A project can be updated from its template. If not, a message warns, and the documentation has a repair."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from combinations import ROOT
from macros import environment
from readme import BLOCK, section, type_in
from releases import NEXT, commit, git, latest

pytestmark = pytest.mark.updates

NO_GIT = "is a copy of files, not a git repository"
NO_RELEASE = "is not a release"
LOCAL = "which only this machine has"
[SHARE] = BLOCK.findall(section(ROOT / "docs/generate.md", "Share it"))
[REPAIR] = [
    re.sub(r"(?m)^  ", "", block)
    for block in BLOCK.findall(section(ROOT / "docs/update.md", "The template cannot be found"))
]


def warned(said: str) -> list[str]:
    return [warning for warning in (NO_GIT, NO_RELEASE, LOCAL) if warning in said]


def answers(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((project / ".copier-answers.yml").read_text("utf-8"))
    return found


def generate(template: Path, options: str = "") -> tuple[Path, str]:
    """Generate a project as docs/generate.md says, and commit it. Return the project and the printed text."""
    project = template.parent / "my-api"
    generated = type_in(template, f'uvx copier copy {options} "$PWD" ../my-api')
    assert generated.returncode == 0, generated.stderr
    git(template.parent, "init", "--quiet", str(project))
    commit(project, "Generate the project")
    return project, generated.stderr


def edit(project: Path) -> None:
    with (project / "run.py").open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    commit(project, "Mine")


def edited(project: Path) -> bool:
    return "# mine\n" in (project / "run.py").read_text("utf-8")


def refusal(project: Path) -> str:
    refused = type_in(project, "uvx copier update --quiet")
    assert refused.returncode != 0
    return refused.stderr


def update(project: Path, options: str = "") -> None:
    updated = type_in(project, f"uvx copier update --quiet {options}")
    assert updated.returncode == 0, updated.stderr
    commit(project, "Update")


@pytest.fixture
def clone(template: Path, tmp_path: Path) -> Path:
    """Return a clone with the tags of all releases, and with a commit after the last release."""
    git(tmp_path, "clone", "--quiet", str(template), "template")
    commit(tmp_path / "template", "Something later")
    return tmp_path / "template"


class TestMessage:
    @pytest.mark.parametrize(
        "source", ["/home/ann/template", "../template", "~/template", r"C:\template", "file:///template"]
    )
    def test_a_local_path_is_warned_about(self, source: str) -> None:
        assert warned(problems(_commit="v1.2.3", _src_path=source)) == [LOCAL]

    @pytest.mark.parametrize(
        "source",
        [
            "https://example.com/a/b.git",
            "git@example.com:a/b.git",
            "gh:a/b",
            "ssh://git@example.com/a",
            "git+https://example.com/a",
        ],
    )
    def test_a_release_at_a_url_is_not_warned_about(self, source: str) -> None:
        assert problems(_commit="v10.2.3", _src_path=source) == ""

    @pytest.mark.parametrize("version", ["v1.2.3-4-gabcdef0", "abcdef0", "1234567"])
    def test_a_commit_that_is_not_a_release_is_warned_about(self, version: str) -> None:
        assert warned(problems(_commit=version, _src_path="gh:a/b")) == [NO_RELEASE]

    def test_a_copy_without_git_is_warned_about(self) -> None:
        assert warned(problems(_src_path="/template")) == [NO_GIT, LOCAL]


def problems(**given: str) -> str:
    return str(environment().get_template("extensions/origin.jinja").module.origin_problems(given))  # type: ignore[attr-defined]


class TestClone:
    def test_a_moved_clone_can_be_recorded(self, clone: Path) -> None:
        project, _ = generate(clone, f"--vcs-ref v{latest()}")
        edit(project)
        clone.rename(moved := clone.parent / "moved")

        assert "Local template must be a directory" in refusal(project)
        type_in(project, re.sub("address=.*", f"address={moved}", SHARE)).check_returncode()
        update(project)

        assert (answers(project)["_src_path"], answers(project)["_commit"]) == (str(moved), NEXT)
        assert edited(project)

    def test_a_clone_with_local_changes_gives_a_release_or_can_be_repaired(self, clone: Path) -> None:
        (clone / "notes.md").write_text("mine\n", "utf-8")
        project, said = generate(clone)
        assert (warned(said), answers(project)["_commit"]) == ([LOCAL], NEXT)
        shutil.rmtree(project)

        project, said = generate(clone, "--vcs-ref HEAD")
        edit(project)
        assert warned(said) == [NO_RELEASE, LOCAL]
        assert "Unknown revision" in refusal(project)
        repair(project)

    def test_a_clone_without_tags_gives_its_newest_commit(self, clone: Path) -> None:
        """If that commit is a release, updates work after fetching the tags. Otherwise they need a later release."""
        git(clone, "reset", "--quiet", "--hard", NEXT)
        git(clone, "tag", "--delete", *git(clone, "tag").split())
        project, said = generate(clone)
        edit(project)
        assert warned(said) == [NO_RELEASE, LOCAL]
        assert "No git tags found in template; using HEAD" in said

        git(clone, "fetch", "--quiet", "--tags")
        update(project)

        assert edited(project)
        assert answers(project)["_commit"] == NEXT

    def test_a_project_of_an_unreleased_commit_can_be_updated_to_later_commits(self, clone: Path) -> None:
        project, _ = generate(clone, "--vcs-ref HEAD")
        edit(project)
        newest = answers(project)["_commit"]
        assert newest.startswith(f"{NEXT}-1-g")
        assert "downgrading" in refusal(project)

        update(project, "--vcs-ref :current: --data docker=false")
        assert (answers(project)["_commit"], answers(project)["docker"]) == (newest, False)

        commit(clone, "Something else")
        update(project, "--vcs-ref HEAD")
        assert answers(project)["_commit"].startswith(f"{NEXT}-2-g")
        assert edited(project)

    def test_a_shallow_clone_can_be_completed(self, template: Path, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", f"file://{template}", "template")
        project, said = generate(tmp_path / "template")
        edit(project)
        assert warned(said) == [NO_RELEASE, LOCAL]

        git(tmp_path / "template", "fetch", "--quiet", "--unshallow", "--tags")
        update(project)

        assert edited(project)
        assert answers(project)["_commit"] == NEXT


def test_a_project_of_a_copy_without_git_can_be_repaired(template: Path, clone: Path) -> None:
    shutil.rmtree(clone / ".git")
    project, said = generate(clone)
    edit(project)
    assert warned(said) == [NO_GIT, LOCAL]
    assert "cannot obtain old template references" in refusal(project)

    git(clone.parent, "clone", "--quiet", str(template), "repository")
    type_in(project, re.sub("address=.*", f"address={clone.parent}/repository", SHARE)).check_returncode()
    repair(project)


def repair(project: Path) -> None:
    """Repair the origin with the newest release, which is nearest to the generated project."""
    type_in(project, re.sub("release=.*", f"release={NEXT}", REPAIR)).check_returncode()
    update(project, "--data docker=false")

    assert edited(project)
    assert not (project / "Dockerfile").exists()
    assert answers(project)["_commit"] == NEXT
