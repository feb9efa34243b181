"""What docs/update.md and the message after an update tell people to do works as it is written there."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from combinations import ROOT, Answers
from conftest import Render, own
from environments import Environment, install
from readme import commands, section
from releases import commit, git, latest
from updates import contents, update

pytestmark = pytest.mark.updates

PAGE = ROOT / "docs/update.md"
BEFORE = f"v{latest()}"


@pytest.fixture
def project(render: Render, tmp_path: Path) -> Path:
    """Give a project of the last release, which there is something to update in."""
    return own(render({}, BEFORE), tmp_path / "my-api")


@pytest.fixture
def environment(project: Path) -> Environment:
    return install(project)


def told(title: str | None = None) -> list[str]:
    """Give the commands of a section, or of the whole page."""
    return commands(section(PAGE, title) if title else PAGE.read_text("utf-8"))


def type_in(project: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Copier is the one that the tests use."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-euc", line.replace("uvx copier", "copier")]
    return subprocess.run(
        command, cwd=project, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )


def test_the_message_says_what_the_page_says(
    render: Render, tmp_path: Path, combination: Answers, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is short, and names what the answers need."""
    project = own(render(combination), tmp_path / "my-api")
    update(project, quiet=False)
    message = capfd.readouterr().err.rpartition(" is updated")[2]
    said = [line.strip() for line in message.splitlines() if line.startswith("  ")]

    copier, *after = told()[:5]
    assert copier == "uvx copier update"
    assert said == after
    assert len(message.splitlines()) < 14


def test_a_worktree_shows_the_update_and_leaves_the_project_alone(project: Path) -> None:
    look, throw_away = told("Look before you leap")[:2]
    before = contents(project)

    shown = type_in(project, look)

    assert shown.returncode == 0, shown.stderr
    assert "+_commit: v" in shown.stdout
    assert contents(project) == before
    assert type_in(project, throw_away).returncode == 0
    assert not (project.parent / "preview").exists()


def test_an_update_can_be_undone(project: Path) -> None:
    [undo] = told("Undo")
    before = contents(project)
    (project / ".env").write_text("MINE=1\n", "utf-8")

    update(project, docker=False, database="postgresql")
    assert type_in(project, undo).returncode == 0

    assert contents(project) == {**before, ".env": b"MINE=1\n"}
    assert git(project, "status", "--porcelain") == ""


def test_a_bot_is_told_whether_there_is_something_newer(project: Path) -> None:
    [check] = told("Bots")

    assert type_in(project, check).returncode == 2
    update(project)
    commit(project, "Update")
    assert type_in(project, check).returncode == 0


def test_one_command_brings_the_locks_up_to_date(project: Path, environment: Environment) -> None:
    """What CI checks fails until then."""
    workflow = yaml.safe_load((project / ".github/workflows/ci.yml").read_text("utf-8"))
    [check] = [step["run"] for step in workflow["jobs"]["checks"]["steps"] if "locks" in step.get("name", "")]
    seam = "    # Above: the template's"
    text = (project / "pyproject.toml").read_text("utf-8")
    (project / "pyproject.toml").write_text(text.replace(seam, f'{seam}\n    "colorama>=0.4",\n{seam}', 1), "utf-8")

    update_and_commit = "git add --all && git commit --quiet --message Update"
    commit(project, "Depend")
    update(project, database="postgresql")
    environment.succeed(project, update_and_commit)
    assert environment.run(project, check).returncode == 1
    git(project, "restore", ".")

    environment.succeed(project, told()[1])
    commit(project, "Lock")
    environment.succeed(project, check)

    for name in ("requirements.txt", "requirements-dev.txt"):
        lock = (project / name).read_text("utf-8")
        assert "\nasyncpg==" in lock
        assert "\ncolorama==" in lock
        assert "aiosqlite==" not in lock


def test_the_example_can_be_switched_off_where_its_table_is(project: Path, environment: Environment) -> None:
    """Its migrations happened: without them the database of every installation would be unknown."""
    switch, *rest = told("Switch the example off")
    environment.succeed(project, "python cli.py init-env && python cli.py init-db")

    switched = type_in(project, switch)
    assert switched.returncode == 0, switched.stderr
    for command in rest:
        environment.succeed(project, command)

    assert not (project / "app/models/items.py").exists()
    environment.succeed(project, "alembic check && pytest -q -p no:cacheprovider tests/whole")


def test_two_lines_of_migrations_can_be_joined(render: Render, tmp_path: Path) -> None:
    """The owner's migration and one that comes with an answer continue from the same one."""
    project = own(render({"items": False}), tmp_path / "my-api")
    environment = install(project)
    environment.succeed(project, "python cli.py init-env && python cli.py init-db")
    environment.succeed(project, "alembic revision --message mine")
    commit(project, "Mine")

    update(project, items=True)
    assert environment.run(project, "alembic upgrade head").returncode != 0
    for command in told("Two heads"):
        environment.succeed(project, command)

    assert shlex.split(environment.succeed(project, "alembic heads"))[1:] == ["(head)"]
    environment.succeed(project, "alembic check && pytest -q -p no:cacheprovider tests/whole")
