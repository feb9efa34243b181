"""Run the checks, the tests, the migrations and the server of every combination, installed from its lock."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from combinations import COMBINATIONS, DEFAULTS, FEATURES, ROOT, Answers
from conftest import Render, own
from environments import Environment, install
from readme import BLOCK, DONE_BEFORE, commands, quick_start, section
from releases import git
from servers import Client, postgresql, serving

pytestmark = pytest.mark.projects

# What the lock depends on.
LOCKING = ("pyproject.toml", "scripts/lock.py", "requirements.txt", "requirements-dev.txt")
PYTEST = "pytest -p no:cacheprovider"
FAST = "-m 'not slow and not attack'"
COVERED = {"database": "sqlite", "docker": False, "items": True}
# Measuring coverage doubles the time of a test, and the tests in these folders run little that the others do not.
UNMEASURED = ("tests/migrations", "tests/processes", "tests/races")


def selections() -> Iterator[Any]:
    """Yield all tests of each combination without Docker, in parts that run beside each other."""
    for name, answers in COMBINATIONS.items():
        if answers["docker"]:
            continue
        parts = {"api": f"{FAST} tests/api", "others": f"{FAST} --ignore=tests/api"}
        if answers == COVERED:
            measured = [f"--cov=app {FAST}", *(f"--ignore={folder}" for folder in UNMEASURED)]
            parts = {"measured": " ".join(measured), "others": " ".join([FAST, *UNMEASURED])}
        if answers["items"]:
            parts["attacks"] = "-m 'attack and not slow'"
            parts["slow-attacks"] = "-m 'attack and slow'"
            parts["slow"] = "-m 'slow and not attack'"
        for part, selected in parts.items():
            yield pytest.param(answers, selected, id=f"{name}-{part}")


class TestChecks:
    @pytest.mark.parametrize("command", ["ruff format --check .", "ruff check .", "lint-imports"])
    def test_style_and_layers_are_correct(self, workspace: Path, environment: Environment, command: str) -> None:
        environment.succeed(workspace, command)

    def test_types_are_correct(self, render: Render, tmp_path: Path, without_docker: Answers) -> None:
        workspace = own(render(without_docker), tmp_path / "my-api")
        install(workspace).require_types(workspace)

    def test_the_hooks_pass(self, workspace: Path, environment: Environment) -> None:
        """The hooks also run the checks above. Those are skipped here."""
        environment.succeed(workspace, "pre-commit run --all-files", SKIP="ruff,ruff-format,mypy,import-linter")

    @pytest.mark.parametrize("kind", FEATURES["database"])
    def test_the_lock_is_up_to_date(self, render: Render, tmp_path: Path, kind: str) -> None:
        """The same command as in the CI of the project."""
        projects = [render(answers) for answers in COMBINATIONS.values() if answers["database"] == kind]
        assert len({tuple((project / name).read_bytes() for name in LOCKING) for project in projects}) == 1
        workspace = own(projects[0], tmp_path / "my-api")

        install(workspace).succeed(workspace, "python scripts/lock.py && git diff --exit-code -- 'requirements*.txt'")

    def test_the_lock_contains_extras(self, workspace: Path, environment: Environment) -> None:
        """Without the extras, pip looks for a newer release of the package, and refuses it because it has no hash."""
        lock = (workspace / "requirements-dev.txt").read_text("utf-8")

        wanted = environment.succeed(workspace, f"python {ROOT / 'tests/extras.py'}").splitlines()

        assert wanted
        assert [requirement for requirement in wanted if requirement not in lock] == []


class TestTestsOfTheProject:
    @pytest.mark.minutes(3)
    @pytest.mark.parametrize(("answers", "selected"), list(selections()))
    def test_the_tests_pass(self, render: Render, tmp_path: Path, answers: Answers, selected: str) -> None:
        workspace = own(render(answers), tmp_path / "my-api")

        install(workspace).succeed(workspace, f"{PYTEST} {selected}")

        assert git(workspace, "status", "--porcelain") == ""

    def test_the_tests_that_read_all_files_pass(self, render: Render, tmp_path: Path, contained: Answers) -> None:
        workspace = own(render(contained), tmp_path / "my-api")

        install(workspace).succeed(workspace, f"{PYTEST} tests/whole")


class TestMigrations:
    def test_migrations_go_up_down_and_up(self, render: Render, tmp_path: Path, without_docker: Answers) -> None:
        workspace = own(render(without_docker), tmp_path / "my-api")
        environment = install(workspace)
        with database_of(without_docker, environment, tmp_path) as database:
            environment.succeed(workspace, "python cli.py init-env")
            for command in ("upgrade head", "check", "downgrade base", "upgrade head"):
                environment.succeed(workspace, f"alembic {command}", **database)


class TestServer:
    def test_the_commands_of_the_readme_start_the_server(
        self, workspace: Path, environment: Environment, tmp_path: Path, combination: Answers
    ) -> None:
        *preparation, serve = quick_start(workspace / "README.md")
        with database_of(combination, environment, tmp_path) as database:
            for command in preparation:
                environment.succeed(workspace, command, **database)

            assert serve == "python run.py"
            with serving(environment, workspace, f"exec {serve}", **database) as client:
                walk(client, combination)


def test_the_unchanged_commands_of_the_readme_start_the_default_project(render: Render, tmp_path: Path) -> None:
    """Other tests share environments that uv made. This one makes its own with pip, and a database file."""
    project = own(render({}), tmp_path / "my-api")
    *preparation, serve = commands(section(project / "README.md", "Quick start"))

    with serving(install(project), project, "\n".join([*preparation, f"exec {serve}"])) as client:
        walk(client, DEFAULTS)
    assert (project / ".venv").is_dir()
    assert (project / "app.db").is_file()


@pytest.mark.parametrize("items", [True, False])
def test_the_first_steps_of_the_readme_work(render: Render, tmp_path: Path, items: bool) -> None:  # noqa: FBT001
    project = shutil.copytree(render({"items": items}), tmp_path / "my-api", copy_function=shutil.copyfile)
    environment = install(project)
    text = "\n".join(BLOCK.findall(section(project / "README.md", "First steps")))
    steps = "".join(line for line in text.splitlines(keepends=True) if not DONE_BEFORE.match(line))

    with serving(
        environment, project, "python cli.py init-env && python cli.py init-db && exec python run.py"
    ) as client:
        said = environment.succeed(project, steps.replace("http://127.0.0.1:8000", client.base))

    assert '"email":"mary@example.com"' in said
    assert ('"name":"Lamp","description":null,"status":"draft"' in said) == items
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "log", "--format=%s %D").strip() == "Generated HEAD -> main"
    assert (project / ".git/hooks/pre-commit").is_file()


@contextmanager
def database_of(combination: Answers, environment: Environment, folder: Path) -> Iterator[dict[str, str]]:
    """Yield the setting of an empty database."""
    if combination["database"] == "postgresql":
        with postgresql(environment) as url:
            yield {"DATABASE_URL": url}
    else:
        yield {"DATABASE_URL": f"sqlite+aiosqlite:///{folder}/walked.db"}


def walk(client: Client, combination: Answers) -> None:
    """Send the requests of a first user, and check each status exactly."""
    person = {
        "email": "walker@example.com",
        "password": "through-9-gates-of-Thebes",
        "first_name": "W",
        "last_name": "R",
    }
    assert client.get("/health/ready") == (200, {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}})
    registered = client.post("/api/v1/auth/register", person, expect=201)
    assert client.post("/api/v1/auth/register", person, expect=409)["code"] == "email_taken"
    client.post("/api/v1/auth/login", {"email": person["email"], "password": "wrong"}, expect=401)
    tokens = client.post("/api/v1/auth/login", {"email": person["email"], "password": person["password"]}, expect=200)
    assert tokens["refresh_token"] != registered["refresh_token"]
    tokens = client.post("/api/v1/auth/refresh", {"refresh_token": tokens["refresh_token"]}, expect=200)
    token = tokens["access_token"]
    assert client.get("/api/v1/users/me")[0] == 401
    assert client.get("/api/v1/users/me", token)[1]["email"] == person["email"]
    if combination["items"]:
        walk_items(client, token)
    else:
        assert client.get("/api/v1/items", token)[0] == 404
    client.post("/api/v1/auth/logout", {"refresh_token": tokens["refresh_token"]}, expect=204)
    assert client.get("/api/v1/users/me", token)[0] == 401


def walk_items(client: Client, token: str) -> None:
    made = client.post("/api/v1/items", {"name": "École 50%", "status": "active"}, token, expect=201)
    assert client.get(f"/api/v1/items/{made['id']}", token) == (200, made)
    assert client.get("/api/v1/items", token)[1]["results"] == [made]
    assert client.get("/api/v1/items/search?q=%C3%89COLE", token)[1]["results"] == [made]
    assert client.get("/api/v1/items/search?q=%25%25", token)[1]["results"] == []
