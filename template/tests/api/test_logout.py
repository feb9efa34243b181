"""POST /api/v1/auth/logout and /api/v1/auth/logout-all."""

import pytest
from httpx2 import AsyncClient

from tests import expect
from tests.factories.users import Person, sign_in
from tests.fixtures.applications import Api

LOGOUT = "/api/v1/auth/logout"


class TestLogout:
    async def test_logout_by_refresh_token_ends_the_session(self, client: AsyncClient, ada: Person) -> None:
        response = await client.post(LOGOUT, json={"refresh_token": ada.refresh_token})

        assert (response.status_code, response.content) == (204, b"")
        assert not await ada.is_signed_in()
        expect.unauthorized(await ada.refresh(), "invalid_refresh_token")

    async def test_logout_by_access_token_ends_the_session(self, ada: Person) -> None:
        response = await ada.http.post(LOGOUT)

        assert response.status_code == 204
        assert not await ada.is_signed_in()
        assert not await ada.can_refresh()

    async def test_logout_by_both_tokens_ends_both_sessions(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)

        await ada.http.post(LOGOUT, json={"refresh_token": phone.refresh_token})

        assert not await ada.is_signed_in()
        assert not await phone.is_signed_in()

    async def test_logout_by_an_old_refresh_token_ends_the_session(self, client: AsyncClient, ada: Person) -> None:
        old = ada.refresh_token
        for _ in range(3):
            assert await ada.can_refresh()

        await client.post(LOGOUT, json={"refresh_token": old})

        assert not await ada.is_signed_in()

    async def test_a_second_logout_is_204_too(self, client: AsyncClient, ada: Person) -> None:
        answers = [await client.post(LOGOUT, json={"refresh_token": ada.refresh_token}) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [204, 204]

    @pytest.mark.parametrize("token", ["", "garbage", "rt1_garbage", "é", "x" * 10_000])
    async def test_an_invalid_refresh_token_is_204(self, client: AsyncClient, token: str) -> None:
        response = await client.post(LOGOUT, json={"refresh_token": token})

        assert response.status_code == 204

    @pytest.mark.parametrize("header", ["Bearer garbage", "Bearer a b"])
    async def test_an_invalid_access_token_is_204(self, client: AsyncClient, header: str) -> None:
        response = await client.post(LOGOUT, headers={"Authorization": header})

        assert response.status_code == 204

    @pytest.mark.parametrize(
        "options", [{}, {"json": {}}, {"json": {"refresh_token": None}}, {"headers": {"Authorization": "Bearer"}}]
    )
    async def test_logout_without_any_token_is_401(self, client: AsyncClient, options: dict[str, object]) -> None:
        response = await client.post(LOGOUT, **options)  # type: ignore[arg-type]

        expect.problem(response, 401, "not_authenticated")
        assert response.headers["www-authenticate"] == "Bearer"

    async def test_logout_does_not_end_other_sessions(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)

        await ada.http.post(LOGOUT)

        assert await phone.is_signed_in()


class TestLogoutAll:
    async def test_logout_all_ends_every_session_of_the_user(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)

        response = await ada.http.post("/api/v1/auth/logout-all")

        assert response.status_code == 200
        assert response.json() == {"revoked_sessions": 2}
        for person in (ada, phone):
            expect.unauthorized(await person.http.get("/api/v1/users/me"))
            expect.unauthorized(await person.refresh(), "invalid_refresh_token")

    async def test_logout_all_does_not_end_sessions_of_other_users(self, ada: Person, bob: Person) -> None:
        await ada.http.post("/api/v1/auth/logout-all")

        assert await bob.is_signed_in()
        assert await bob.can_refresh()

    async def test_the_user_can_sign_in_again(self, api: Api, ada: Person) -> None:
        await ada.http.post("/api/v1/auth/logout-all")

        assert await (await sign_in(api, ada.user)).is_signed_in()
