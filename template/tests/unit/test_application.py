"""Making an application, starting it and ending it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from app.core.config import ConfigurationError, Settings
from app.main import create_app
from tests import expect
from tests.databases import Server
from tests.factories.users import Person
from tests.fixtures.applications import Api
from tests.fixtures.logs import Log
from tests.fixtures.settings import OTHER_SECRET, SECRET, MakeSettings

ROOT = Path(__file__).parents[2]


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, check=False, text=True, timeout=30
    )


class TestCreateApp:
    def test_refuses_a_database_that_nobody_knows(self, make_settings: MakeSettings) -> None:
        with pytest.raises(ConfigurationError, match="DATABASE_URL") as refused:
            create_app(make_settings(database_url="oracle://hunter2@host/name"))

        assert "hunter2" not in str(refused.value)

    def test_refuses_a_driver_that_would_block(self, settings: Settings, make_settings: MakeSettings) -> None:
        kind = settings.database_url.get_secret_value().partition("+")[0]

        with pytest.raises(ConfigurationError, match=rf"DATABASE_URL: must begin with {kind}\+"):
            create_app(make_settings(database_url=f"{kind}://"))

    async def test_applications_in_one_process_are_strangers(
        self, make_settings: MakeSettings, ada: Person, api: Api
    ) -> None:
        settings = make_settings(jwt_secret_key="a third k3y, of an application next door")
        other = Api.of(settings, api.stack, api.database)
        client = await other.client(headers={"Authorization": f"Bearer {ada.access_token}"})

        expect.unauthorized(await client.get("/api/v1/users/me"))


class TestLifespan:
    async def test_warns_once_of_secrets_that_die_with_it(self, own_database_url: str, log: Log) -> None:
        app = create_app(Settings(environment="development", database_url=own_database_url))  # type: ignore[arg-type]

        async with app.router.lifespan_context(app):
            pass

        [line] = log.of("settings.throwaway_secrets")
        assert line["settings"] == ["SECRET_KEY", "JWT_SECRET_KEY"]
        assert "init-env" in line["hint"]

    async def test_is_silent_with_secrets(self, real_client: AsyncClient, log: Log) -> None:
        await real_client.get("/health/live")

        assert log.of("settings.throwaway_secrets") == []


class TestProcess:
    @pytest.mark.parametrize("arguments", [["run.py"], ["-c", "import app.main"]])
    def test_refuses_to_start_in_one_line(self, arguments: list[str]) -> None:
        ended = python(*arguments, ENVIRONMENT="production", SECRET_KEY="hunter2", JWT_SECRET_KEY="")

        assert ended.returncode == 1
        assert ended.stderr.startswith("Configuration error: SECRET_KEY: ")
        assert ended.stderr.count("\n") == 1
        assert "hunter2" not in ended.stderr

    def test_refuses_a_database_that_no_library_knows(self) -> None:
        keys = {"SECRET_KEY": SECRET, "JWT_SECRET_KEY": OTHER_SECRET}

        ended = python("run.py", ENVIRONMENT="test", DATABASE_URL="nobodys://hunter2@host/name", **keys)

        assert ended.stderr.startswith("Configuration error: DATABASE_URL: ")
        assert ended.stderr.count("\n") == 1
        assert "hunter2" not in ended.stderr

    def test_refuses_to_start_workers_that_could_not(self) -> None:
        """They would be started again and again."""
        several = {"WORKERS": "2", "RATE_LIMIT_STORAGE_URI": "nowhere://"}

        ended = python("run.py", ENVIRONMENT="test", SECRET_KEY=SECRET, JWT_SECRET_KEY=OTHER_SECRET, **several)

        assert ended.returncode == 1
        assert ended.stderr.startswith("Configuration error: RATE_LIMIT_STORAGE_URI: ")
        assert ended.stderr.count("\n") == 1

    def test_says_in_one_line_if_there_is_nothing_to_migrate(self, server: Server) -> None:
        keys = {"SECRET_KEY": SECRET, "JWT_SECRET_KEY": OTHER_SECRET}

        ended = python("run.py", "--migrate", ENVIRONMENT="test", DATABASE_URL=server.unreachable(), **keys)

        assert ended.returncode == 1
        assert "Traceback" not in ended.stdout
        assert ended.stderr.startswith("Migrations: The database cannot be reached. ")
        assert ended.stderr.count("\n") == 1

    def test_sends_warnings_to_the_log(self) -> None:
        """In a process of its own, for pytest catches warnings before anybody else."""
        code = "configure_logging(load_settings()); warnings.warn('nobody reads this')"
        imports = "import warnings; from app.core.config import *; from app.core.logging import *"

        ended = python("-c", f"{imports}; {code}", ENVIRONMENT="test")

        line = json.loads(ended.stdout)
        assert (line["logger"], line["level"]) == ("py.warnings", "warning")
        assert "nobody reads this" in line["event"]
        assert ended.stderr == ""

    def test_imports_of_all_but_main_read_no_settings(self) -> None:
        code = "import app.core.dependencies, app.services.auth, app.db.database, app.cli.main, app.models.users"

        assert python("-c", code, ENVIRONMENT="nonsense").returncode == 0


class TestAsgi:
    async def test_what_is_no_http_passes_through(self, api: Api) -> None:
        sent: list[object] = []

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: object) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": "/health", "headers": [], "query_string": b"", "subprotocols": []}
        await api.app(scope, receive, send)

        assert sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]
