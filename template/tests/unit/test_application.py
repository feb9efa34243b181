"""Create, start and stop an application."""

import asyncio
import json
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from pydantic import SecretStr
from sqlalchemy import text

from app.core.config import ConfigurationError, Settings
from app.core.security.access_tokens import AccessTokens
from app.db.migrations import upgrade
from app.main import create_app
from tests import expect
from tests.databases import Server
from tests.factories.access_tokens import CLAIM
from tests.factories.users import Person
from tests.fixtures.applications import Api, start
from tests.fixtures.logs import Log
from tests.fixtures.settings import OTHER_SECRET, SECRET, MakeSettings

ROOT = Path(__file__).parents[2]


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, check=False, text=True, timeout=30
    )


class TestCreateApp:
    def test_unknown_database_is_refused(self, make_settings: MakeSettings) -> None:
        with pytest.raises(ConfigurationError, match="DATABASE_URL") as refused:
            create_app(make_settings(database_url="oracle://hunter2@host/name"))

        assert "hunter2" not in str(refused.value)

    def test_blocking_driver_is_refused(self, settings: Settings, make_settings: MakeSettings) -> None:
        kind = settings.database_url.get_secret_value().partition("+")[0]

        with pytest.raises(ConfigurationError, match=rf"DATABASE_URL: must begin with {kind}\+"):
            create_app(make_settings(database_url=f"{kind}+other://host/name"))

    async def test_two_applications_in_one_process_have_separate_keys(
        self, make_settings: MakeSettings, ada: Person, api: Api
    ) -> None:
        settings = make_settings(jwt_secret_key="a third k3y, of an application next door")
        other = Api.of(settings, api.stack, api.database)
        client = await other.client(headers={"Authorization": f"Bearer {ada.access_token}"})

        expect.unauthorized(await client.get("/api/v1/users/me"))


class TestLifespan:
    async def test_random_secrets_are_logged_once(self, own_database_url: str, log: Log) -> None:
        app = create_app(Settings(environment="development", database_url=SecretStr(own_database_url)))

        async with app.router.lifespan_context(app):
            pass

        [line] = log.of("settings.random_secrets")
        assert line["settings"] == ["SECRET_KEY", "JWT_SECRET_KEY"]
        assert "init-env" in line["hint"]

    async def test_no_warning_if_secrets_are_set(self, real_client: AsyncClient, log: Log) -> None:
        await real_client.get("/health/live")

        assert log.of("settings.random_secrets") == []


class TestUnusableDatabase:
    async def test_a_database_without_migrations_is_logged_once_at_the_start(
        self, make_settings: MakeSettings, server: Server, stack: AsyncExitStack, log: Log
    ) -> None:
        await start(make_settings(database_url=await server.create()), stack)

        [line] = log.of("database.not_migrated")
        assert line["level"] == "warning"
        assert "alembic upgrade head" in line["hint"]

    async def test_requests_get_503_until_it_is_migrated(
        self, make_settings: MakeSettings, server: Server, stack: AsyncExitStack, log: Log
    ) -> None:
        settings = make_settings(database_url=await server.create())
        client = await (await start(settings, stack)).client()
        token, _ = AccessTokens(settings).issue(CLAIM, 60)

        for response in (
            await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": "x"}),
            await client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"}),
        ):
            expect.problem(response, 503, "database_unavailable")
        # The log shows the cause, for a developer whose new table has no migration yet.
        assert "users" in log.of("database.not_migrated")[-1]["exception"]

        await asyncio.to_thread(upgrade, settings)

        response = await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": "x"})
        expect.problem(response, 401, "invalid_credentials")

    async def test_pending_migration_is_logged(self, real_api: Api, stack: AsyncExitStack, log: Log) -> None:
        async with real_api.database.write() as session:
            await session.execute(text("DELETE FROM alembic_version"))
            await session.commit()

        await start(real_api.settings, stack)

        assert len(log.of("database.not_migrated")) == 1

    async def test_unreachable_database_is_logged(
        self, make_settings: MakeSettings, server: Server, stack: AsyncExitStack, log: Log
    ) -> None:
        await start(make_settings(database_url=server.unreachable()), stack)

        [line] = log.of("database.unreachable")
        assert line["level"] == "warning"
        assert "secret-name" not in log.text

    async def test_migrated_database_is_not_logged(self, real_api: Api, stack: AsyncExitStack, log: Log) -> None:
        await start(real_api.settings, stack)

        assert [line["event"] for line in log.lines if line["event"].startswith("database.")] == []


class TestProcess:
    @pytest.mark.parametrize("arguments", [["run.py"], ["-c", "import app.main"]])
    def test_invalid_settings_are_refused_in_one_line(self, arguments: list[str]) -> None:
        ended = python(*arguments, ENVIRONMENT="production", SECRET_KEY="hunter2", JWT_SECRET_KEY="")

        assert ended.returncode == 1
        assert ended.stderr.startswith("Configuration error: SECRET_KEY: ")
        assert ended.stderr.count("\n") == 1
        assert "hunter2" not in ended.stderr

    def test_unknown_driver_is_refused_in_one_line(self) -> None:
        keys = {"SECRET_KEY": SECRET, "JWT_SECRET_KEY": OTHER_SECRET}

        ended = python("run.py", ENVIRONMENT="test", DATABASE_URL="nobodys://hunter2@host/name", **keys)

        assert ended.stderr.startswith("Configuration error: DATABASE_URL: ")
        assert ended.stderr.count("\n") == 1
        assert "hunter2" not in ended.stderr

    def test_settings_are_checked_before_workers_start(self) -> None:
        """Otherwise the supervisor would restart failing workers for ever."""
        several = {"WORKERS": "2", "RATE_LIMIT_STORAGE_URI": "nowhere://"}

        ended = python("run.py", ENVIRONMENT="test", SECRET_KEY=SECRET, JWT_SECRET_KEY=OTHER_SECRET, **several)

        assert ended.returncode == 1
        assert ended.stderr.startswith("Configuration error: RATE_LIMIT_STORAGE_URI: ")
        assert ended.stderr.count("\n") == 1

    def test_unreachable_database_is_reported_in_one_line(self, server: Server) -> None:
        keys = {"SECRET_KEY": SECRET, "JWT_SECRET_KEY": OTHER_SECRET}

        ended = python("run.py", "--migrate", ENVIRONMENT="test", DATABASE_URL=server.unreachable(), **keys)

        assert ended.returncode == 1
        assert ended.stderr.startswith("Migrations: The database cannot be reached: ")
        assert ended.stderr.count("\n") == 1

    def test_warnings_are_logged(self) -> None:
        """In its own process, because pytest captures warnings."""
        code = "configure_logging(load_settings()); warnings.warn('something is deprecated')"
        imports = "import warnings; from app.core.config import *; from app.core.logging import *"

        ended = python("-c", f"{imports}; {code}", ENVIRONMENT="test")

        line = json.loads(ended.stdout)
        assert (line["logger"], line["level"]) == ("py.warnings", "warning")
        assert "something is deprecated" in line["event"]
        assert ended.stderr == ""

    def test_only_main_reads_settings_when_imported(self) -> None:
        code = "import app.core.dependencies, app.services.auth, app.db.database, app.cli.main, app.models.users"

        assert python("-c", code, ENVIRONMENT="nonsense").returncode == 0


class TestWebSocket:
    async def test_unknown_websocket_path_is_closed(self, api: Api) -> None:
        """By a server that cannot send a response to a handshake."""
        sent: list[object] = []

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: object) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": "/health", "headers": [], "query_string": b"", "subprotocols": []}
        await api.app(scope, receive, send)

        assert sent == [{"type": "websocket.close", "code": 1008, "reason": "not_found"}]
