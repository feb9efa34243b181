"""Requests of which one pulls the ground from under the other, on connections of their own."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import update

from app.models.users import User
from app.services.sessions import SessionService
from tests import expect
from tests.factories.users import NEW_PASSWORD, PASSWORD, Person, add_user, registration, sign_in
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings
from tests.races.gates import at_once, gated, overtaken, statuses

ROUNDS = 5
CHANGE = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}


async def login(api: Api, email: str, password: str = PASSWORD) -> Response:
    return await (await api.client()).post("/api/v1/auth/login", json={"email": email, "password": password})


async def disable_everybody(api: Api) -> None:
    async with api.database.write() as session:
        await session.execute(update(User).values(is_active=False))
        await session.commit()


class TestRegister:
    async def test_one_spelling_of_an_address_wins(self, real_api: Api) -> None:
        client = await real_api.client()
        spellings = ["ada@example.com", "ADA@example.com", "Ada@Example.Com", "aDA@EXAMPLE.COM"] * 3

        bodies = [registration(email=email) for email in spellings]
        answers = await at_once(*(client.post("/api/v1/auth/register", json=body) for body in bodies))

        assert statuses(answers) == [201] + [409] * 11
        for answer in answers:
            if answer.status_code == 409:
                expect.problem(answer, 409, "email_taken")
        assert (await login(real_api, "ada@example.com")).status_code == 200


class TestLoginOvertaken:
    @pytest.fixture
    def slow(self, real_api: Api) -> Api:
        return gated(real_api.settings, real_api.stack)

    async def test_by_a_new_password_is_refused(self, real_api: Api, slow: Api, real_ada: Person) -> None:
        async def change() -> None:
            response = await real_ada.http.post("/api/v1/users/me/change-password", json=CHANGE)
            assert response.status_code == 200

        answer = await overtaken(login(slow, real_ada.email), slow, by=change)

        expect.problem(answer, 401, "invalid_credentials")
        assert (await login(real_api, real_ada.email, NEW_PASSWORD)).status_code == 200

    async def test_by_the_end_of_all_sessions_is_refused(self, slow: Api, real_ada: Person) -> None:
        answer = await overtaken(
            login(slow, real_ada.email), slow, by=lambda: real_ada.http.post("/api/v1/auth/logout-all")
        )

        expect.problem(answer, 401, "invalid_credentials")

    async def test_by_the_command_that_ends_sessions_is_refused(
        self, real_api: Api, slow: Api, real_ada: Person
    ) -> None:
        command = SessionService(real_api.components)

        answer = await overtaken(login(slow, real_ada.email), slow, by=lambda: command.revoke(real_ada.email))

        expect.problem(answer, 401, "invalid_credentials")

    async def test_by_the_end_of_the_account_is_refused(self, slow: Api, real_ada: Person) -> None:
        answer = await overtaken(login(slow, real_ada.email), slow, by=lambda: real_ada.http.delete("/api/v1/users/me"))

        expect.problem(answer, 401, "invalid_credentials")

    async def test_by_being_disabled_is_refused(self, real_api: Api, slow: Api, real_ada: Person) -> None:
        answer = await overtaken(login(slow, real_ada.email), slow, by=lambda: disable_everybody(real_api))

        expect.problem(answer, 401, "invalid_credentials")

    async def test_never_brings_the_old_password_back(
        self, make_settings: MakeSettings, own_database_url: str, real_api: Api, real_ada: Person
    ) -> None:
        stronger = gated(make_settings(database_url=own_database_url, argon2_time_cost=2), real_api.stack)

        async def change() -> None:
            await real_ada.http.post("/api/v1/users/me/change-password", json=CHANGE)

        await overtaken(login(stronger, real_ada.email), stronger, by=change)

        expect.problem(await login(real_api, real_ada.email), 401, "invalid_credentials")
        assert (await login(real_api, real_ada.email, NEW_PASSWORD)).status_code == 200


class TestLoginAndChangePassword:
    async def test_leave_no_session_of_the_old_password(self, real_api: Api) -> None:
        for _ in range(ROUNDS):
            user = await add_user(real_api)
            ada = await sign_in(real_api, user)

            changed, *logins = await at_once(
                ada.http.post("/api/v1/users/me/change-password", json=CHANGE),
                *(login(real_api, user.email) for _ in range(4)),
            )

            assert changed.status_code == 200
            for answer in logins:
                if answer.status_code == 200:
                    ada.take(answer.json())
                    assert not await ada.is_signed_in()
                    assert not await ada.can_refresh()
            ada.take(changed.json())
            assert await ada.is_signed_in()


class TestChangePasswordTwice:
    async def test_leaves_one_password_and_one_session(self, real_api: Api) -> None:
        passwords = [f"{NEW_PASSWORD} number {n}" for n in range(4)]
        for _ in range(ROUNDS):
            user = await add_user(real_api)
            ada = await sign_in(real_api, user)

            bodies: list[dict[str, Any]] = [{**CHANGE, "new_password": password} for password in passwords]
            path = "/api/v1/users/me/change-password"
            answers = await at_once(*(ada.http.post(path, json=body) for body in bodies))

            assert statuses(answers)[:2] == [200, 401]
            assert statuses([await login(real_api, user.email, password) for password in passwords])[:2] == [200, 401]


class TestChangePasswordOvertaken:
    async def change(self, api: Api, ada: Person, by: Callable[[], Awaitable[Any]]) -> Response:
        slow = gated(api.settings, api.stack)
        http = await slow.client(headers={"Authorization": f"Bearer {ada.access_token}"})
        return await overtaken(http.post("/api/v1/users/me/change-password", json=CHANGE), slow, by)

    async def test_by_a_login_that_renews_the_hash_changes_it_still(
        self, make_settings: MakeSettings, own_database_url: str, real_api: Api, real_ada: Person
    ) -> None:
        stronger = make_settings(database_url=own_database_url, argon2_time_cost=2)
        other = Api.of(stronger, real_api.stack)
        real_api.stack.push_async_callback(other.database.close)

        answer = await self.change(real_api, real_ada, by=lambda: login(other, real_ada.email))

        assert answer.status_code == 200
        expect.problem(await login(real_api, real_ada.email), 401, "invalid_credentials")
        assert (await login(real_api, real_ada.email, NEW_PASSWORD)).status_code == 200

    async def test_by_being_disabled_is_refused(self, real_api: Api, real_ada: Person) -> None:
        answer = await self.change(real_api, real_ada, by=lambda: disable_everybody(real_api))

        expect.unauthorized(answer)

    async def test_by_the_end_of_all_sessions_is_refused(self, real_api: Api, real_ada: Person) -> None:
        answer = await self.change(real_api, real_ada, by=lambda: real_ada.http.post("/api/v1/auth/logout-all"))

        expect.unauthorized(answer)
        assert (await login(real_api, real_ada.email)).status_code == 200


class TestCallerWhoIsLeaving:
    """The caller was let in, and is gone when the request writes."""

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PATCH", "/api/v1/users/me", {"first_name": "Augusta"}),
            ("POST", "/api/v1/users/me/change-password", CHANGE),
            ("POST", "/api/v1/auth/reauthenticate", {"password": PASSWORD}),
            ("DELETE", "/api/v1/users/me", None),
        ],
    )
    async def test_is_no_caller_any_more(
        self, real_api: Api, real_ada: Person, method: str, path: str, body: dict[str, Any] | None
    ) -> None:
        slow = gated(real_api.settings, real_api.stack)
        http = await slow.client(headers={"Authorization": f"Bearer {real_ada.access_token}"})

        answer = await overtaken(
            http.request(method, path, json=body), slow, by=lambda: real_ada.http.delete("/api/v1/users/me")
        )

        expect.unauthorized(answer)


class TestReauthenticateOvertaken:
    async def test_by_a_logout_is_refused(self, real_api: Api, real_ada: Person) -> None:
        slow = gated(real_api.settings, real_api.stack)
        http = await slow.client(headers={"Authorization": f"Bearer {real_ada.access_token}"})

        answer = await overtaken(
            http.post("/api/v1/auth/reauthenticate", json={"password": PASSWORD}),
            slow,
            by=lambda: real_ada.http.post("/api/v1/auth/logout"),
        )

        expect.unauthorized(answer)


class TestMaximumOfSessions:
    async def test_holds_for_simultaneous_logins(
        self, make_settings: MakeSettings, own_database_url: str, real_api: Api
    ) -> None:
        limited = Api.of(make_settings(database_url=own_database_url, max_sessions_per_user=3), real_api.stack)
        real_api.stack.push_async_callback(limited.database.close)
        user = await add_user(real_api)

        answers = await at_once(*(login(limited, user.email) for _ in range(10)))

        assert statuses(answers) == [200] * 10
        client = await real_api.client()
        headers = [{"Authorization": f"Bearer {answer.json()['access_token']}"} for answer in answers]
        alive = [(await client.get("/api/v1/users/me", headers=header)).status_code for header in headers]
        assert sorted(alive) == [200] * 3 + [401] * 7
