"""Every combination, installed from its own lock: its checks, its tests, its migrations and its server."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from combinations import DEFAULTS, FEATURES, ROOT, Answers
from conftest import Render, own
from environments import Environment, install
from filelock import FileLock
from readme import commands, quick_start, section
from releases import git
from servers import Client, postgresql, serving

pytestmark = pytest.mark.projects


class TestChecks:
    @pytest.mark.parametrize("command", ["ruff format --check .", "ruff check .", "lint-imports"])
    def test_style_and_layers(self, workspace: Path, environment: Environment, command: str) -> None:
        environment.succeed(workspace, command)

    def test_types(self, workspace: Path, environment: Environment) -> None:
        with FileLock(environment.folder / "mypy.lock"):
            environment.succeed(workspace, "mypy")

    def test_hooks(self, workspace: Path, environment: Environment) -> None:
        """The hooks run the checks above too; those are skipped here."""
        environment.succeed(workspace, "pre-commit run --all-files", SKIP="ruff,ruff-format,mypy,import-linter")

    def test_the_lock_fits(self, workspace: Path, environment: Environment) -> None:
        """As its CI checks it: a machine that never installed anything knows no package without asking."""
        environment.succeed(workspace, "python scripts/lock.py && git diff --exit-code -- 'requirements*.txt'")

    def test_the_lock_names_extras(self, workspace: Path, environment: Environment) -> None:
        """Without them pip looks for a newer release of the package, and refuses it for want of a hash."""
        lock = (workspace / "requirements-dev.txt").read_text("utf-8")

        wanted = environment.succeed(workspace, f"python {ROOT / 'tests/extras.py'}").splitlines()

        assert wanted
        assert [requirement for requirement in wanted if requirement not in lock] == []


@pytest.mark.minutes
class TestItsOwnTests:
    def test_pass_and_cover_the_application(self, workspace: Path, environment: Environment, shared: Path) -> None:
        """Those about the whole read every file; to all others, projects with the same Python are the same project."""
        tests = "--cov=app" if first(shared / f"tested-{python_of(workspace)}") else "tests/whole"

        environment.succeed(workspace, f"pytest -p no:cacheprovider {tests}")

        assert git(workspace, "status", "--porcelain") == ""

    @pytest.mark.parametrize("marks", ["slow and attack", "slow and not attack"])
    @pytest.mark.parametrize("kind", FEATURES["database"])
    def test_slow_ones_pass(self, render: Render, tmp_path: Path, kind: str, marks: str) -> None:
        """Attacks on a server under load, and the whole document fuzzed: once for each database."""
        workspace = own(render({"database": kind}), tmp_path / "my-api")

        install(workspace).succeed(workspace, f"pytest -p no:cacheprovider -m '{marks}'")


class TestMigrations:
    def test_go_up_down_and_up(self, workspace: Path, environment: Environment, database: dict[str, str]) -> None:
        environment.succeed(workspace, "python cli.py init-env")
        for command in ("upgrade head", "check", "downgrade base", "upgrade head"):
            environment.succeed(workspace, f"alembic {command}", **database)


class TestServer:
    def test_readme_brings_it_up(
        self, workspace: Path, environment: Environment, database: dict[str, str], combination: Answers
    ) -> None:
        *preparation, serve = quick_start(workspace / "README.md")
        for command in preparation:
            environment.succeed(workspace, command, **database)

        assert serve == "python run.py"
        with serving(environment, workspace, f"exec {serve}", **database) as client:
            walk(client, combination)


def test_readme_brings_up_the_default_project_as_typed(render: Render, tmp_path: Path) -> None:
    """The others share environments made by uv; this one makes its own with pip, and a database beside itself."""
    project = own(render({}), tmp_path / "my-api")
    *preparation, serve = commands(section(project / "README.md", "Quick start"))

    with serving(install(project), project, "\n".join([*preparation, f"exec {serve}"])) as client:
        walk(client, DEFAULTS)
    assert (project / ".venv").is_dir()
    assert (project / "app.db").is_file()


@pytest.fixture
def database(combination: Answers, environment: Environment, tmp_path: Path) -> Iterator[dict[str, str]]:
    if combination["database"] == "postgresql":
        with postgresql(environment) as url:
            yield {"DATABASE_URL": url}
    else:
        yield {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/walked.db"}


def python_of(project: Path) -> str:
    contents = [name.encode() + (project / name).read_bytes() for name in git(project, "ls-files", "*.py").splitlines()]
    return hashlib.sha256(b"".join(contents)).hexdigest()[:12]


def first(marker: Path) -> bool:
    """Tell whether nobody asked before."""
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def walk(client: Client, combination: Answers) -> None:
    """Do what a first user does; each status is exact, so that a shortcut of the server shows."""
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
