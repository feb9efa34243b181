"""The image and the stack of each database, built and run. Without a container engine these tests are skipped."""

import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from combinations import FEATURES
from conftest import Render, own
from containers import Stack, docker, inspect, require_engine, succeed, up
from environments import install

pytestmark = [pytest.mark.projects, pytest.mark.docker]

MEGABYTE = 1_000_000
# A login that hashes for seconds. Prints a line when the request is running, and the status of the response.
SLOW_LOGIN = textwrap.dedent("""
    import http.client, json
    body = json.dumps({"email": "nobody@example.com", "password": "x"})
    connection = http.client.HTTPConnection("api", 8000, timeout=30)
    connection.request("POST", "/api/v1/auth/login", body, {"Content-Type": "application/json"})
    other = http.client.HTTPConnection("api", 8000, timeout=30)
    other.request("GET", "/health/live")
    other.getresponse()
    print("under way", flush=True)
    print(connection.getresponse().status, flush=True)
""")


@pytest.fixture(scope="module", params=FEATURES["database"])
def project(request: pytest.FixtureRequest, render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    require_engine()
    folder = own(render({"database": request.param}), tmp_path_factory.mktemp(request.param) / "my-api")
    install(folder).succeed(folder, "python cli.py init-env")
    with (folder / ".env").open("a") as environment:
        environment.write("ARGON2_MEMORY_COST=262144\nARGON2_TIME_COST=8\n")
    return folder


@pytest.fixture(scope="module")
def image(project: Path) -> str:
    name = f"probe-{project.parent.name}"
    succeed("build", "--tag", name, ".", folder=project)
    return name


@pytest.fixture(scope="module")
def stack(project: Path) -> Iterator[Stack]:
    with up(project) as running:
        yield running


class TestImage:
    def test_the_image_contains_only_the_application(self, image: str) -> None:
        listed = succeed("run", "--rm", image, "ls", "-A", "/srv").split()
        tools = succeed("run", "--rm", image, "sh", "-c", "command -v gcc cc make git uv || true")

        assert set(listed) - {"__pycache__"} == {"alembic.ini", "app", "cli.py", "migrations", "run.py"}
        assert tools == ""

    def test_the_image_adds_less_than_120_megabytes_to_its_base(self, image: str, project: Path) -> None:
        base = (project / "Dockerfile").read_text("utf-8").rpartition("\nFROM ")[2].split()[0]

        assert inspect(image)["Size"] - inspect(base)["Size"] < 120 * MEGABYTE

    def test_the_image_runs_as_an_unprivileged_user(self, image: str) -> None:
        assert succeed("run", "--rm", image, "id", "-u").strip() == "10001"

    def test_missing_settings_are_reported_in_one_line(self, image: str) -> None:
        finished = docker("run", "--rm", image)

        assert finished.returncode != 0
        assert finished.stdout.startswith("Configuration error: ")
        assert ("SECRET_KEY" in finished.stdout, len(finished.stdout.splitlines())) == (True, 1)


class TestStack:
    def test_the_stack_is_ready(self, stack: Stack) -> None:
        assert stack.status("/health/ready") == 200

    def test_a_second_migration_succeeds(self, stack: Stack) -> None:
        stack.compose("run", "--rm", "migrate")

    def test_the_container_can_write_to_its_volumes_only(self, stack: Stack) -> None:
        state = inspect(stack.container("api"))["HostConfig"]

        assert (state["ReadonlyRootfs"], state["CapDrop"]) == (True, ["ALL"])
        assert "Read-only file system" in docker("exec", stack.container("api"), "touch", "/srv/x").stdout

    def test_health_follows_the_database(self, stack: Stack) -> None:
        if "database" not in stack.compose("config", "--services").split():
            pytest.skip("SQLite has no server that could stop")
        stack.compose("stop", "database")
        stack.turns("unhealthy")
        assert (stack.status("/health/ready"), stack.status("/health/live")) == (503, 200)

        stack.compose("start", "database")
        stack.turns("healthy")

    def test_a_stop_lets_a_request_finish(self, stack: Stack) -> None:
        command = ["docker", "compose", "run", "--rm", "-T", "--no-deps", "migrate", "python", "-c", SLOW_LOGIN]
        with subprocess.Popen(command, cwd=stack.project, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdout
            assert client.stdout.readline().strip() == "under way"
            stack.compose("stop", "--timeout", "10", "api")
            assert client.stdout.readline().strip() == "401"

        assert inspect(stack.container("api"))["State"]["ExitCode"] == 0
        stack.compose("up", "--detach", "--wait")
