"""A database that cannot be reached, and violated constraints."""

import time
from contextlib import AsyncExitStack

import pytest
from sqlalchemy.pool import QueuePool

from app.core.config import Settings
from app.core.exceptions import Conflict
from tests import expect
from tests.databases import Server
from tests.factories.users import add_user, registration
from tests.fixtures.applications import Api, start
from tests.fixtures.logs import Log
from tests.fixtures.settings import MakeSettings


@pytest.fixture
def unreachable(make_settings: MakeSettings, server: Server) -> Settings:
    return make_settings(database_url=server.unreachable())


class TestUnreachableDatabase:
    async def test_requests_are_503_with_retry_after(self, unreachable: Settings, stack: AsyncExitStack) -> None:
        client = await (await start(unreachable, stack)).client()

        response = await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": "x"})

        expect.problem(response, 503, "database_unavailable")
        assert int(response.headers["retry-after"]) > 0
        assert "secret" not in response.text

    @pytest.mark.parametrize("path", ["/health", "/health/ready"])
    async def test_readiness_is_503_within_two_seconds(
        self, unreachable: Settings, stack: AsyncExitStack, path: str
    ) -> None:
        client, began = await (await start(unreachable, stack)).client(), time.monotonic()

        response = await client.get(path)

        assert time.monotonic() - began < 2
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        assert response.json() == {
            "status": "unavailable",
            "checks": {"database": "unavailable", "migrations": "unavailable"},
        }

    async def test_liveness_is_200(self, unreachable: Settings, stack: AsyncExitStack) -> None:
        client = await (await start(unreachable, stack)).client()

        assert (await client.get("/health/live")).status_code == 200

    async def test_the_log_does_not_show_the_database_url(
        self, unreachable: Settings, stack: AsyncExitStack, log: Log
    ) -> None:
        client = await (await start(unreachable, stack)).client()

        await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": "x"})

        assert log.of("database.unavailable")
        assert "secret-name" not in log.text
        assert "hunter2" not in log.text

    async def test_a_503_does_not_count_as_a_failed_login(
        self, make_settings: MakeSettings, server: Server, stack: AsyncExitStack
    ) -> None:
        api = await start(make_settings(database_url=server.unreachable(), rate_limit_enabled=True), stack)
        client = await api.client()
        body = {"email": "ada@example.com", "password": "x"}

        statuses = {(await client.post("/api/v1/auth/login", json=body)).status_code for _ in range(8)}

        assert statuses == {503}


class TestConstraint:
    @pytest.mark.parametrize(
        ("email", "constraint"), [("ada@example.com", "uq_users_email"), ("Eve@Example.com", "ck_users_email_lower")]
    )
    async def test_a_violated_constraint_without_its_own_error_is_a_logged_conflict(
        self, real_api: Api, log: Log, email: str, constraint: str
    ) -> None:
        await add_user(real_api, email="ada@example.com")

        with pytest.raises(Conflict):
            await add_user(real_api, email=email)

        [line] = log.of("database.constraint_violated")
        assert line["constraint"] == constraint
        assert "example.com" not in log.text

    async def test_refused_writes_return_their_connections(self, real_api: Api) -> None:
        client = await real_api.client()
        user = await add_user(real_api)

        for _ in range(30):
            response = await client.post("/api/v1/auth/register", json=registration(email=user.email))
            assert response.status_code == 409

        assert (await client.get("/health")).status_code == 200
        for engine in (real_api.database.writing, real_api.database.reading):
            assert isinstance(engine.pool, QueuePool)
            assert engine.pool.checkedout() == 0
