"""The commands in docs/update.md and in the message after an update work as written."""

import shlex
from pathlib import Path

import pytest
import yaml
from combinations import ROOT, Answers
from conftest import Render, own
from environments import Environment, install
from readme import BLOCK, commands, section, type_in
from releases import commit, git, latest
from stories import EVERYWHERE, PYTEST
from updates import contents, update

pytestmark = pytest.mark.updates

PAGE = ROOT / "docs/update.md"
BEFORE = f"v{latest()}"


@pytest.fixture
def project(render: Render, tmp_path: Path) -> Path:
    """Return a project of the last release, so that there is something to update."""
    return own(render({}, BEFORE), tmp_path / "my-api")


@pytest.fixture
def environment(project: Path) -> Environment:
    return install(project)


def told(title: str | None = None) -> list[str]:
    """Return the commands of a section, or of the whole page."""
    return commands(section(PAGE, title) if title else PAGE.read_text("utf-8"))


def test_the_message_after_an_update_matches_the_page(
    render: Render, tmp_path: Path, combination: Answers, capfd: pytest.CaptureFixture[str]
) -> None:
    project = own(render(combination), tmp_path / "my-api")
    update(project, quiet=False)
    message = capfd.readouterr().err.rpartition(" is updated")[2]
    said = [line.strip() for line in message.splitlines() if line.startswith("  ")]

    copier, *after = told()[:5]
    assert copier == "uvx copier update"
    assert said == after
    assert len(message.splitlines()) < 14


@pytest.mark.parametrize("folder", [".", "backend"])
def test_a_worktree_shows_the_update_without_changing_the_project(project: Path, folder: str) -> None:
    """Also if the repository contains several projects."""
    look, throw_away = BLOCK.findall(section(PAGE, "Look before you leap"))
    if folder != ".":
        project = among_others(project, folder)
    before = contents(project)

    shown = type_in(project, look)

    assert shown.returncode == 0, shown.stderr
    assert "+_commit: v" in shown.stdout
    assert contents(project) == before
    assert git(project, "status", "--porcelain") == ""
    assert type_in(project, throw_away).returncode == 0
    assert not (project.parent / "preview").exists()
    assert not (project.parents[1] / "preview").exists()


def among_others(project: Path, folder: str) -> Path:
    """Move a project into a folder of its repository."""
    moved = project.rename(project.parent / "moved")
    project.mkdir()
    moved.rename(project / folder)
    (project / folder / ".git").rename(project / ".git")
    commit(project, "Move")
    return project / folder


def test_an_update_can_be_undone(project: Path) -> None:
    [undo] = told("Undo")
    before = contents(project)
    (project / ".env").write_text("MINE=1\n", "utf-8")

    update(project, docker=False, database="postgresql")
    assert type_in(project, undo).returncode == 0

    assert contents(project) == {**before, ".env": b"MINE=1\n"}
    assert git(project, "status", "--porcelain") == ""


def test_the_command_for_bots_reports_whether_there_is_an_update(project: Path) -> None:
    [check] = told("Bots")

    assert type_in(project, check).returncode == 2
    update(project)
    commit(project, "Update")
    assert type_in(project, check).returncode == 0


def test_one_command_updates_the_locks(project: Path, environment: Environment) -> None:
    """Until then, the check in CI fails."""
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


def test_the_example_can_be_removed_after_its_migrations_were_applied(project: Path, environment: Environment) -> None:
    """Its migrations must stay: without them, Alembic would not know the revision of existing databases."""
    switch, *rest = told("Switch the example off")
    environment.succeed(project, "python cli.py init-env && python cli.py init-db")
    update(project)
    environment.succeed(project, told()[1])
    commit(project, "Update")
    environment = install(project)

    switched = type_in(project, switch)
    assert switched.returncode == 0, switched.stderr
    for command in rest:
        environment.succeed(project, command)

    assert not (project / "app/models/items.py").exists()
    environment.succeed(project, f"alembic check && {PYTEST} {' '.join(EVERYWHERE)}")


def test_two_heads_of_migrations_can_be_merged(render: Render, tmp_path: Path) -> None:
    """The owner's migration and a migration of a changed answer have the same parent."""
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
    environment.succeed(project, f"alembic check && {PYTEST} {' '.join(EVERYWHERE)}")


def test_the_limits_of_updates_are_as_documented(project: Path) -> None:
    """Each case is a line of *What is yours and what is ours*. Only `recopy` loses edits."""
    (project / "deploy").write_text("mine\n", "utf-8")
    git(project, "mv", "app", "backend")
    (project / "run.py").write_text("# mine\n", "utf-8")
    commit(project, "Mine")
    before = contents(project)

    stopped = type_in(project, "uvx copier update --data database=postgresql")
    assert "FileExistsError" in stopped.stderr
    type_in(project, told("Undo")[0]).check_returncode()
    assert contents(project) == before

    git(project, "rm", "--quiet", "deploy")
    commit(project, "Make room")
    update(project)
    after = contents(project)
    assert {name: text for name, text in after.items() if name.startswith("backend/")} == {
        name: text for name, text in before.items() if name.startswith("backend/")
    }
    assert "# mine" in after["run.py"].decode()

    commit(project, "Update")
    type_in(project, "uvx copier recopy --defaults --overwrite").check_returncode()
    assert "# mine" not in (project / "run.py").read_text("utf-8")
