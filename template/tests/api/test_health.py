"""The probes. What they say while the database is away stands in tests/races/test_outages.py."""

import pytest
from httpx2 import AsyncClient


class TestHealth:
    @pytest.mark.parametrize("path", ["/health", "/health/ready"])
    async def test_is_ok_with_a_database(self, client: AsyncClient, path: str) -> None:
        response = await client.get(path)

        assert response.status_code == 200
        assert response.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}

    async def test_liveness_asks_nobody(self, client: AsyncClient) -> None:
        response = await client.get("/health/live")

        assert response.status_code == 200
        assert response.json() == {"status": "ok"}

    async def test_liveness_answers_head(self, client: AsyncClient) -> None:
        response = await client.head("/health/live")

        assert (response.status_code, response.content) == (200, b"")
