"""The health endpoints. tests/races/test_outages.py tests them without a database."""

import pytest
from httpx2 import AsyncClient


class TestHealth:
    @pytest.mark.parametrize("path", ["/health", "/health/ready"])
    async def test_health_is_ok_if_the_database_works(self, client: AsyncClient, path: str) -> None:
        response = await client.get(path)

        assert response.status_code == 200
        assert response.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}

    async def test_liveness_does_not_check_the_database(self, client: AsyncClient) -> None:
        response = await client.get("/health/live")

        assert response.status_code == 200
        assert response.json() == {"status": "ok"}

    @pytest.mark.parametrize("path", ["/health", "/health/ready", "/health/live"])
    async def test_head_is_allowed(self, client: AsyncClient, path: str) -> None:
        response = await client.head(path)

        assert (response.status_code, response.content) == (200, b"")
