"""The probes. tests/races/test_outages.py tests them without a database."""

import pytest
from httpx2 import AsyncClient


class TestHealth:
    @pytest.mark.parametrize("path", ["/health", "/health/ready"])
    async def test_is_ok_if_the_database_is_usable(self, client: AsyncClient, path: str) -> None:
        response = await client.get(path)

        assert response.status_code == 200
        assert response.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}

    async def test_liveness_checks_nothing(self, client: AsyncClient) -> None:
        response = await client.get("/health/live")

        assert response.status_code == 200
        assert response.json() == {"status": "ok"}

    @pytest.mark.parametrize("path", ["/health", "/health/ready", "/health/live"])
    async def test_head_works(self, client: AsyncClient, path: str) -> None:
        response = await client.head(path)

        assert (response.status_code, response.content) == (200, b"")
