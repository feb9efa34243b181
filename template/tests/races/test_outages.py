"""The database away, and back again."""

import time
from contextlib import AsyncExitStack

import pytest

from app.core.config import Settings
from app.db.violations import Violation
from tests import expect
from tests.databases import Server
from tests.factories.users import add_user, registration
from tests.fixtures.applications import Api, start
from tests.fixtures.logs import Log
from tests.fixtures.settings import MakeSettings


@pytest.fixture
def away(make_settings: MakeSettings, server: Server) -> Settings:
    return make_settings(database_url=server.unreachable())


class TestDatabaseAway:
    async def test_is_a_503_that_says_when_to_come_back(self, away: Settings, stack: AsyncExitStack) -> None:
        client = await (await start(away, stack)).client()

        response = await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": "x"})

        expect.problem(response, 503, "database_unavailable")
        assert int(response.headers["retry-after"]) > 0
        assert "secret" not in response.text

    @pytest.mark.parametrize("path", ["/health", "/health/ready"])
    async def test_turns_readiness_red_within_two_seconds(
        self, away: Settings, stack: AsyncExitStack, path: str
    ) -> None:
        client, began = await (await start(away, stack)).client(), time.monotonic()

        response = await client.get(path)

        assert time.monotonic() - began < 2
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        assert response.json() == {
            "status": "unavailable",
            "checks": {"database": "unavailable", "migrations": "unavailable"},
        }

    async def test_leaves_liveness_green(self, away: Settings, stack: AsyncExitStack) -> None:
        client = await (await start(away, stack)).client()

        assert (await client.get("/health/live")).status_code == 200

    async def test_is_logged_without_its_address(self, away: Settings, stack: AsyncExitStack, log: Log) -> None:
        client = await (await start(away, stack)).client()

        await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": "x"})

        assert log.of("database.unavailable")
        assert "secret-name" not in log.text
        assert "hunter2" not in log.text

    async def test_a_failed_attempt_costs_the_user_nothing(
        self, make_settings: MakeSettings, server: Server, stack: AsyncExitStack
    ) -> None:
        api = await start(make_settings(database_url=server.unreachable(), rate_limit_enabled=True), stack)
        client = await api.client()
        body = {"email": "ada@example.com", "password": "x"}

        statuses = {(await client.post("/api/v1/auth/login", json=body)).status_code for _ in range(8)}

        assert statuses == {503}


class TestDatabase:
    async def test_itself_refuses_what_the_application_would_not_send(self, real_api: Api) -> None:
        with pytest.raises(Violation) as refused:
            await add_user(real_api, email="Ada@Example.com")

        assert refused.value.constraint == "ck_users_email_lower"

    async def test_tells_which_constraint_was_violated(self, real_api: Api) -> None:
        await add_user(real_api, email="ada@example.com")

        with pytest.raises(Violation) as refused:
            await add_user(real_api, email="ada@example.com")
        assert refused.value.constraint == "uq_users_email"

    async def test_a_failed_write_leaves_nothing_behind(self, real_api: Api) -> None:
        client = await real_api.client()
        user = await add_user(real_api)

        for _ in range(30):
            response = await client.post("/api/v1/auth/register", json=registration(email=user.email))
            assert response.status_code == 409

        assert (await client.get("/health")).status_code == 200
        assert real_api.database.writing.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert real_api.database.reading.pool.checkedout() == 0  # type: ignore[attr-defined]
