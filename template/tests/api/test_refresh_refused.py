"""POST /api/v1/auth/refresh with invalid tokens."""

import pytest
from httpx2 import AsyncClient
from sqlalchemy import delete, update

from app.core.security.refresh_tokens import RefreshClaim
from app.models.sessions import Session
from app.models.users import User
from tests import expect
from tests.factories.users import Person, signed_in
from tests.fixtures.applications import Api
from tests.fixtures.logs import Log


class TestRefusedRefresh:
    @pytest.mark.parametrize("token", ["", "x", "rt1_", "rt1_garbage", "rt2_" + "A" * 76, "é", "rt1_" + "A" * 76])
    async def test_a_malformed_token_is_refused(self, client: AsyncClient, token: str) -> None:
        response = await client.post("/api/v1/auth/refresh", json={"refresh_token": token})

        expect.unauthorized(response, "invalid_refresh_token")

    async def test_an_access_token_is_refused(self, ada: Person) -> None:
        expect.unauthorized(await ada.refresh(ada.access_token), "invalid_refresh_token")

    async def test_the_token_of_a_deleted_user_is_refused(self, api: Api, ada: Person) -> None:
        async with api.database.write() as session:
            await session.execute(delete(User))
            await session.commit()

        expect.unauthorized(await ada.refresh(), "invalid_refresh_token")

    async def test_a_token_of_an_earlier_auth_epoch_is_refused(self, api: Api, ada: Person) -> None:
        async with api.database.write() as session:
            await session.execute(update(User).values(auth_epoch=User.auth_epoch + 1))
            await session.commit()

        expect.unauthorized(await ada.refresh(), "invalid_refresh_token")
        expect.unauthorized(await ada.http.get("/api/v1/users/me"))

    async def test_a_token_of_a_future_generation_is_refused_and_logged_as_critical(
        self, api: Api, ada: Person, log: Log
    ) -> None:
        async with api.database.write() as session:
            await session.execute(update(Session).values(generation=3))
            await session.commit()
        tokens = api.components.refresh_tokens
        claim = tokens.read(ada.refresh_token)
        assert claim
        ahead = tokens.issue(RefreshClaim(claim.session_id, 4))

        response = await ada.refresh(ahead)

        expect.unauthorized(response, "invalid_refresh_token")
        assert [line["level"] for line in log.of("auth.refresh.from_the_future")] == ["critical"]
        assert await ada.is_signed_in()

    async def test_successful_refreshes_are_not_limited(self, throttled_api: Api) -> None:
        ada = await signed_in(throttled_api)

        assert [await ada.can_refresh() for _ in range(61)] == [True] * 61

    async def test_more_than_sixty_failures_a_minute_are_429(self, throttled_api: Api) -> None:
        client = await throttled_api.client()
        *failures, refused = [
            await client.post("/api/v1/auth/refresh", json={"refresh_token": "rt1_x"}) for _ in range(61)
        ]

        assert [failure.status_code for failure in failures] == [401] * 60
        expect.throttled(refused, minutes=1)
