"""Readiness checks the migrations: the application must not get requests before its tables exist."""

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import TextClause, text

from tests.databases import Server
from tests.fixtures.applications import Api, start
from tests.fixtures.settings import MakeSettings

NOTHING_APPLIED = text("DELETE FROM alembic_version")
NEXT_RELEASE = text("UPDATE alembic_version SET version_num = 'of_the_next_release'")
PENDING = {"status": "unavailable", "checks": {"database": "ok", "migrations": "unavailable"}}


async def change(api: Api, statement: TextClause) -> None:
    async with api.database.write() as session:
        await session.execute(statement)
        await session.commit()


def verdict(response: Response) -> tuple[int, object]:
    return response.status_code, response.json()


class TestReadiness:
    @pytest.mark.parametrize("path", ["/health", "/health/ready"])
    async def test_readiness_is_503_while_a_migration_is_pending(self, real_api: Api, path: str) -> None:
        client = await real_api.client()
        ready = await client.get(path)
        await change(real_api, NOTHING_APPLIED)

        response = await client.get(path)

        assert verdict(ready) == (200, {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}})
        assert verdict(response) == (503, PENDING)

    async def test_readiness_is_503_before_the_first_migration(
        self, make_settings: MakeSettings, server: Server, real_api: Api
    ) -> None:
        api = await start(make_settings(database_url=await server.create()), real_api.stack)
        client = await api.client()

        response = await client.get("/health/ready")

        assert verdict(response) == (503, PENDING)
        assert "alembic" not in response.text

    async def test_readiness_is_200_after_a_newer_release_has_migrated(
        self, real_client: AsyncClient, real_api: Api
    ) -> None:
        await change(real_api, NEXT_RELEASE)

        assert (await real_client.get("/health/ready")).status_code == 200

    async def test_liveness_does_not_check_migrations(self, real_client: AsyncClient, real_api: Api) -> None:
        await change(real_api, NOTHING_APPLIED)

        assert (await real_client.get("/health/live")).status_code == 200
