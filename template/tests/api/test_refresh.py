"""POST /api/v1/auth/refresh, one request after the other. Simultaneous ones stand in tests/races."""

from tests import expect
from tests.factories.users import Person
from tests.fixtures.applications import Api


class TestRefresh:
    async def test_answers_a_new_pair(self, ada: Person) -> None:
        old = ada.refresh_token

        response = await ada.refresh()

        assert response.status_code == 200
        assert response.json()["refresh_token"] != old
        assert response.json()["token_type"] == "Bearer"
        assert response.headers["pragma"] == "no-cache"
        ada.take(response.json())
        assert await ada.is_signed_in()

    async def test_garbage_is_refused(self, api: Api) -> None:
        client = await api.client()

        response = await client.post("/api/v1/auth/refresh", json={"refresh_token": "rt1_garbage"})

        expect.unauthorized(response, "invalid_refresh_token")
