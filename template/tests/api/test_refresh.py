"""POST /api/v1/auth/refresh, one request after the other. tests/races has the simultaneous ones."""

from typing import Any

import pytest
from sqlalchemy import update

from app.models.users import User
from tests import expect
from tests.factories.sessions import count_sessions, time_passes
from tests.factories.users import Person, sign_in
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings


class TestRefresh:
    async def test_refresh_returns_new_tokens(self, ada: Person) -> None:
        old = ada.refresh_token

        response = await ada.refresh()

        assert response.status_code == 200
        assert response.json()["refresh_token"] != old
        assert response.headers["pragma"] == "no-cache"
        ada.take(response.json())
        assert await ada.is_signed_in()
        assert await ada.can_refresh()

    async def test_the_authorization_header_is_ignored(self, ada: Person) -> None:
        ada.http.headers["Authorization"] = "Bearer garbage"

        assert (await ada.refresh()).status_code == 200

    async def test_refreshes_add_no_rows(self, api: Api, ada: Person) -> None:
        for _ in range(5):
            assert await ada.can_refresh()

        assert await count_sessions(api) == 1

    async def test_a_refresh_restarts_the_idle_time(self, api: Api, ada: Person) -> None:
        await time_passes(api, days=13)
        assert await ada.can_refresh()
        await time_passes(api, days=13)

        assert await ada.can_refresh()


class TestGrace:
    async def test_the_previous_token_returns_the_same_successor(self, ada: Person) -> None:
        first = await ada.refresh()

        again = await ada.refresh()

        assert again.status_code == 200
        assert again.json()["refresh_token"] == first.json()["refresh_token"]
        assert again.json()["access_token"] != first.json()["access_token"]

    async def test_an_older_token_than_the_previous_one_ends_the_family(self, ada: Person) -> None:
        oldest = ada.refresh_token
        for _ in range(2):
            assert await ada.can_refresh()

        response = await ada.refresh(oldest)

        expect.unauthorized(response, "refresh_token_reused")
        assert not await ada.is_signed_in()

    async def test_using_the_grace_period_does_not_extend_it(self, api: Api, ada: Person) -> None:
        old = ada.refresh_token
        await ada.refresh()
        await time_passes(api, seconds=6)
        assert (await ada.refresh(old)).status_code == 200
        await time_passes(api, seconds=6)

        response = await ada.refresh(old)

        expect.unauthorized(response, "refresh_token_reused")

    async def test_the_previous_token_of_an_ended_session_is_invalid(self, ada: Person) -> None:
        old = ada.refresh_token
        assert await ada.can_refresh()
        await ada.http.post("/api/v1/auth/logout", json={})

        expect.unauthorized(await ada.refresh(old), "invalid_refresh_token")

    @pytest.mark.parametrize("change", [{"is_active": False}, {"auth_epoch": 7}], ids=str)
    async def test_the_previous_token_of_a_disabled_or_signed_out_user_is_invalid(
        self, api: Api, ada: Person, change: dict[str, Any]
    ) -> None:
        old = ada.refresh_token
        assert await ada.can_refresh()
        async with api.database.write() as session:
            await session.execute(update(User).values(change))
            await session.commit()

        expect.unauthorized(await ada.refresh(old), "invalid_refresh_token")


class TestReuse:
    async def test_reuse_ends_the_family(self, api: Api, ada: Person) -> None:
        stolen = ada.refresh_token
        assert await ada.can_refresh()
        await time_passes(api, seconds=11)

        response = await ada.refresh(stolen)

        expect.unauthorized(response, "refresh_token_reused")
        expect.unauthorized(await ada.http.get("/api/v1/users/me"))
        expect.unauthorized(await ada.refresh(), "invalid_refresh_token")

    async def test_reuse_does_not_end_other_sessions(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)
        stolen = ada.refresh_token
        assert await ada.can_refresh()
        await time_passes(api, seconds=11)

        await ada.refresh(stolen)

        assert await phone.is_signed_in()
        assert await phone.can_refresh()

    async def test_without_a_grace_period_the_second_use_is_reuse(
        self, make_settings: MakeSettings, api: Api, ada: Person
    ) -> None:
        strict = Api.of(make_settings(jwt_refresh_token_grace_seconds=0), api.stack, api.database)
        client = await strict.client()
        await client.post("/api/v1/auth/refresh", json={"refresh_token": ada.refresh_token})

        again = await client.post("/api/v1/auth/refresh", json={"refresh_token": ada.refresh_token})

        expect.unauthorized(again, "refresh_token_reused")

    async def test_an_old_token_of_an_expired_session_is_invalid(self, api: Api, ada: Person) -> None:
        old = ada.refresh_token
        await ada.refresh()
        await time_passes(api, days=15)

        expect.unauthorized(await ada.refresh(old), "invalid_refresh_token")
