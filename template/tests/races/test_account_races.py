"""Simultaneous requests for one account, each on its own connection."""

from typing import Any

from httpx2 import Response

from tests import expect
from tests.factories.users import NEW_PASSWORD, PASSWORD, add_user, registration, sign_in
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings
from tests.gates import at_once, statuses

ROUNDS = 5
CHANGE = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}


async def login(api: Api, email: str, password: str = PASSWORD) -> Response:
    return await (await api.client()).post("/api/v1/auth/login", json={"email": email, "password": password})


class TestRegister:
    async def test_simultaneous_registrations_of_one_address_create_one_account(self, real_api: Api) -> None:
        client = await real_api.client()
        spellings = ["ada@example.com", "ADA@example.com", "Ada@Example.Com", "aDA@EXAMPLE.COM"] * 3

        bodies = [registration(email=email) for email in spellings]
        answers = await at_once(*(client.post("/api/v1/auth/register", json=body) for body in bodies))

        assert statuses(answers) == [201] + [409] * 11
        for answer in answers:
            if answer.status_code == 409:
                expect.problem(answer, 409, "email_taken")
        assert (await login(real_api, "ada@example.com")).status_code == 200


class TestLoginAndChangePassword:
    async def test_a_new_password_ends_simultaneous_logins(self, real_api: Api) -> None:
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


class TestSimultaneousPasswordChanges:
    async def test_only_one_of_several_simultaneous_changes_is_accepted(self, real_api: Api) -> None:
        passwords = [f"{NEW_PASSWORD} number {n}" for n in range(4)]
        for _ in range(ROUNDS):
            user = await add_user(real_api)
            ada = await sign_in(real_api, user)

            bodies: list[dict[str, Any]] = [{**CHANGE, "new_password": password} for password in passwords]
            path = "/api/v1/users/me/change-password"
            answers = await at_once(*(ada.http.post(path, json=body) for body in bodies))

            assert statuses(answers)[:2] == [200, 401]
            assert statuses([await login(real_api, user.email, password) for password in passwords])[:2] == [200, 401]


class TestMaximumOfSessions:
    async def test_simultaneous_logins_keep_the_maximum_of_sessions(
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
