"""POST /api/v1/auth/login."""

from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import select, update

from app.models.users import User
from tests import expect
from tests.factories.sessions import time_passes
from tests.factories.users import PASSWORD, Person, add_user, sign_in
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings


async def login(client: AsyncClient, email: str, password: str = PASSWORD) -> Response:
    return await client.post("/api/v1/auth/login", json={"email": email, "password": password})


async def hash_of(api: Api, user: User) -> str:
    async with api.database.read() as session:
        return (await session.scalars(select(User.password_hash).where(User.id == user.id))).one()


class TestLogin:
    async def test_login_returns_tokens(self, api: Api, client: AsyncClient) -> None:
        user = await add_user(api)

        response = await login(client, user.email)

        assert response.status_code == 200
        assert response.json()["token_type"] == "Bearer"
        assert response.json()["expires_in"] == 15 * 60
        assert response.json()["refresh_expires_in"] == 14 * 24 * 3600
        assert response.headers["pragma"] == "no-cache"
        assert response.headers["cache-control"] == "no-store"

    async def test_login_sets_last_login_at(self, api: Api) -> None:
        user = await add_user(api)
        assert user.last_login_at is None

        ada = await sign_in(api, user)

        me = (await ada.http.get("/api/v1/users/me")).json()
        assert me["last_login_at"] > me["created_at"]
        assert me["updated_at"] == me["created_at"]

    async def test_the_address_is_case_insensitive(self, api: Api, client: AsyncClient) -> None:
        user = await add_user(api)

        assert (await login(client, user.email.upper())).status_code == 200

    async def test_a_user_can_have_several_sessions(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)

        assert await ada.is_signed_in()
        assert await phone.is_signed_in()

    async def test_a_login_over_the_maximum_ends_the_longest_idle_session(
        self, make_settings: MakeSettings, api: Api, bob: Person
    ) -> None:
        user = await add_user(api)
        limited = Api.of(make_settings(max_sessions_per_user=2), api.stack, api.database)
        first = await sign_in(limited, user)
        second = await sign_in(limited, user)
        assert await first.can_refresh()

        third = await sign_in(limited, user)

        assert [await person.is_signed_in() for person in (first, second, third)] == [True, False, True]
        assert await bob.is_signed_in()

    async def test_ended_sessions_do_not_count_for_the_maximum(self, make_settings: MakeSettings, api: Api) -> None:
        user = await add_user(api)
        limited = Api.of(make_settings(max_sessions_per_user=2), api.stack, api.database)
        first, second = await sign_in(limited, user), await sign_in(limited, user)
        await second.http.post("/api/v1/auth/logout")

        await sign_in(limited, user)

        assert await first.is_signed_in()

    async def test_login_replaces_an_outdated_hash(self, make_settings: MakeSettings, api: Api) -> None:
        user = await add_user(api)
        stronger = Api.of(make_settings(argon2_time_cost=2), api.stack, api.database)
        old = await hash_of(api, user)

        await sign_in(stronger, user)

        new = await hash_of(api, user)
        assert ("t=1" in old, "t=2" in new) == (True, True)
        assert (await login(await stronger.client(), user.email)).status_code == 200


class TestRefusedLogin:
    async def test_unknown_disabled_and_wrong_password_get_the_same_response(
        self, api: Api, client: AsyncClient
    ) -> None:
        user = await add_user(api)
        disabled = await add_user(api, is_active=False)

        refusals = [
            await login(client, user.email, "not the password at all"),
            await login(client, "nobody@example.com"),
            await login(client, disabled.email),
        ]

        for refusal in refusals:
            expect.problem(refusal, 401, "invalid_credentials")
            assert refusal.headers["www-authenticate"] == "Bearer"
        assert len({tuple(sorted(_without_request_id(refusal).items())) for refusal in refusals}) == 1
        assert len({tuple(refusal.headers) for refusal in refusals}) == 1

    @pytest.mark.parametrize("body", [{}, {"email": "ada@example.com"}, {"email": None, "password": None}, [], "x", 1])
    async def test_an_incomplete_body_is_422(self, client: AsyncClient, body: object) -> None:
        response = await client.post("/api/v1/auth/login", json=body)

        expect.problem(response, 422, "validation_error")

    async def test_disabling_a_user_ends_the_sessions(self, api: Api, ada: Person) -> None:
        async with api.database.write() as session:
            await session.execute(update(User).values(is_active=False))
            await session.commit()

        expect.unauthorized(await ada.http.get("/api/v1/users/me"))
        expect.unauthorized(await ada.refresh(), "invalid_refresh_token")


class TestSessionLifetime:
    async def test_an_idle_session_ends(self, api: Api, ada: Person) -> None:
        await time_passes(api, days=14, seconds=1)

        assert not await ada.is_signed_in()
        assert not await ada.can_refresh()

    async def test_refreshes_do_not_extend_the_absolute_lifetime(self, api: Api, ada: Person) -> None:
        for _ in range(2):
            await time_passes(api, days=13)
            assert await ada.can_refresh()

        await time_passes(api, days=3, hours=23, minutes=59)
        last = (await ada.refresh()).json()
        await time_passes(api, minutes=1, seconds=1)

        assert last["expires_in"] <= last["refresh_expires_in"] <= 60
        assert not await ada.can_refresh()


def _without_request_id(response: Response) -> dict[str, Any]:
    return {name: value for name, value in response.json().items() if name != "request_id"}
