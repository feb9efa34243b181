"""Readiness follows the migrations: requests must not meet tables that this code does not know."""

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
    async def test_is_red_while_a_migration_is_pending(self, real_api: Api, path: str) -> None:
        client = await real_api.client()
        green = await client.get(path)
        await change(real_api, NOTHING_APPLIED)

        response = await client.get(path)

        assert verdict(green) == (200, {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}})
        assert verdict(response) == (503, PENDING)

    async def test_is_red_before_the_first_migration(
        self, make_settings: MakeSettings, server: Server, real_api: Api
    ) -> None:
        api = await start(make_settings(database_url=await server.create()), real_api.stack)
        client = await api.client()

        response = await client.get("/health/ready")

        assert verdict(response) == (503, PENDING)
        assert "alembic" not in response.text

    async def test_stays_green_when_the_next_release_has_migrated(
        self, real_client: AsyncClient, real_api: Api
    ) -> None:
        await change(real_api, NEXT_RELEASE)

        assert (await real_client.get("/health/ready")).status_code == 200

    async def test_leaves_liveness_alone(self, real_client: AsyncClient, real_api: Api) -> None:
        await change(real_api, NOTHING_APPLIED)

        assert (await real_client.get("/health/live")).status_code == 200
