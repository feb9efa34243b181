"""The pages in docs/how-to of a generated project work as written, all of them in one project."""

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from combinations import ROOT, Answers
from conftest import Render, own
from environments import Environment, install
from pages import Commands, Edit, Output, Step, steps
from readme import DONE_BEFORE, section
from releases import git
from servers import postgresql, serving

pytestmark = pytest.mark.projects

FOLDER = ROOT / "template/docs/how-to"
PAGES = sorted(FOLDER.glob("*.md"))
COMMAND = re.compile(r"python cli\.py ([a-z-]+)")
PRINTING = re.compile(r'```console\n(python -c ".*")\n```')


# All rules for the whole project take a minute, so they are checked once.
PROJECTS = [
    ({"database": "sqlite"}, "tests/whole"),
    ({"database": "postgresql", "items": False}, "tests/whole/test_routes.py"),
]


@pytest.mark.minutes(1)
@pytest.mark.parametrize(("answers", "rules"), PROJECTS, ids=str)
def test_the_code_of_all_pages_passes_every_check(answers: Answers, rules: str, render: Render, tmp_path: Path) -> None:
    project = own(render(answers), tmp_path / "my-api")
    environment = install(project)
    with database(answers, environment, tmp_path) as url:
        environment.succeed(project, "python cli.py init-env && python cli.py init-db", DATABASE_URL=url)
        for page in PAGES:
            for step in steps(page.read_text("utf-8")):
                take(step, project, DATABASE_URL=url)

    environment.succeed(project, "ruff format --check . && ruff check . && lint-imports")
    environment.require_types(project)
    added = git(project, "ls-files", "--others", "--exclude-standard", "tests").split()
    assert len(added) > 7
    install(project).succeed(project, f"pytest -p no:cacheprovider {rules} {' '.join(added)}")


def take(step: Step, project: Path, **variables: str) -> None:
    match step:
        case Edit():
            step.make(project)
        case Commands():
            for line in step.text.splitlines():
                if not DONE_BEFORE.match(line):
                    # A page may add a package to the lock.
                    install(project).succeed(project, line, **variables)


@contextmanager
def database(answers: Answers, environment: Environment, folder: Path) -> Iterator[str]:
    if answers["database"] == "postgresql":
        with postgresql(environment) as url:
            yield url
    else:
        yield f"sqlite+aiosqlite:///{folder}/pages.db"


def test_the_command_that_prints_statements_works(render: Render, tmp_path: Path) -> None:
    project = own(render({}), tmp_path / "my-api")
    environment = install(project)
    found = PRINTING.search((FOLDER / "debug.md").read_text("utf-8"))
    assert found
    prepare = "python cli.py init-env && python cli.py init-db"

    with serving(environment, project, f"{prepare} && exec {found[1]}") as client:
        client.get("/health/ready")

    assert "SELECT version_num FROM alembic_version" in (tmp_path / "server.log").read_text("utf-8")


def test_the_settings_for_an_editor_start_the_server_the_tests_and_a_command(render: Render, tmp_path: Path) -> None:
    """The editor runs the same module with the same arguments, in its debugger."""
    project = own(render({}), tmp_path / "my-api")
    environment = install(project)
    environment.succeed(project, "python cli.py init-env && python cli.py init-db")
    page = (FOLDER / "debug.md").read_text("utf-8")
    [settings] = [json.loads(step.text) for step in steps(page) if isinstance(step, Output)]
    server, tests, command = (
        shlex.join(["python", "-m", entry["module"], *entry["args"]]).replace("'${file}'", "tests/unit/test_cursors.py")
        for entry in settings["configurations"]
    )

    with serving(environment, project, f"exec {server} --port $PORT") as client:
        assert client.get("/health/ready")[0] == 200
    passed = environment.succeed(project, tests)
    listed = environment.succeed(project, command)

    assert " passed" in passed
    assert listed == "There are no accounts yet.\n"


def test_every_command_that_the_pages_name_exists(render: Render, tmp_path: Path) -> None:
    project = own(render({}), tmp_path / "my-api")
    for page in PAGES:
        for step in steps(page.read_text("utf-8")):
            if isinstance(step, Edit):
                step.make(project)
    named = {name for page in PAGES for name in COMMAND.findall(page.read_text("utf-8"))}

    helped = install(project).succeed(project, "python cli.py --help")

    assert {"count-users", "shell"} <= named
    assert [name for name in sorted(named) if not re.search(rf"^  {name}  ", helped, re.MULTILINE)] == []


def test_the_index_has_every_page() -> None:
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (FOLDER / "README.md").read_text("utf-8"))

    assert sorted([*listed, "README.md"]) == [page.name for page in PAGES]


def test_the_page_about_tests_has_every_folder() -> None:
    text = section(FOLDER / "debug.md", "What each folder of tests is for")
    listed = re.findall(r"^\| `tests/(\w+)/` \|", text, re.MULTILINE)

    assert sorted(listed) == sorted(path.parent.name for path in (ROOT / "template/tests").glob("*/__init__.py"))
