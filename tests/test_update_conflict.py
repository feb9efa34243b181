"""If owner and template change the same line, the conflict is marked, and cannot be committed unresolved."""

from pathlib import Path

import pytest
import yaml
from conftest import Render, own
from environments import Environment, install
from releases import commit, git
from updates import conflicts, follow, update

pytestmark = pytest.mark.updates

LINE = '"""The application. '
TYPES = "mypy,import-linter"


@pytest.fixture
def conflict(render: Render, template: Path, tmp_path: Path) -> Path:
    project = own(render({}), tmp_path / "my-api")
    rewrite(project / "app/main.py", LINE, '"""Our application. ')
    git(template, "clone", "--quiet", str(template), str(theirs := tmp_path / "template"))
    rewrite(theirs / "template/app/main.py", LINE, '"""Their application. ')
    rewrite(theirs / "template/app/cli/main.py", "\n", "\n\n# Another one.\n")
    commit(theirs, "The same line")
    git(theirs, "tag", "v9.0.0")
    follow(project, theirs)
    update(project, "v9.0.0")
    return project


@pytest.fixture
def environment(conflict: Path) -> Environment:
    """Return the environment of the project, with its hooks installed."""
    environment = install(conflict)
    environment.succeed(conflict, "pre-commit install")
    return environment


def test_a_conflict_is_marked_in_its_file_only(conflict: Path) -> None:
    text = (conflict / "app/main.py").read_text("utf-8")

    assert conflicts(conflict) == ["app/main.py"]
    assert git(conflict, "diff", "--name-only", "--diff-filter=U").split() == ["app/main.py"]
    assert ["Our" in text, "Their" in text, text.count("<<<<<<< before updating")] == [True, True, 1]
    assert "# Another one." in (conflict / "app/cli/main.py").read_text("utf-8")


def test_a_commit_is_refused_until_the_conflict_is_resolved(conflict: Path, environment: Environment) -> None:
    git(conflict, "add", "--all")
    refused = environment.run(conflict, "git commit --message Update", SKIP=TYPES)
    assert refused.returncode == 1
    assert "no conflict markers" in refused.stdout
    assert "app/main.py" in refused.stdout

    git(conflict, "checkout", "HEAD", "--", "app/main.py")
    environment.succeed(conflict, "git commit --message Update", SKIP=TYPES)


def test_ci_runs_the_check_for_conflict_markers(conflict: Path) -> None:
    workflow = yaml.safe_load((conflict / ".github/workflows/ci.yml").read_text("utf-8"))
    steps = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]

    assert [step for step in steps if step.startswith("pre-commit run --all-files")]


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
