"""Another request makes a change after a request has read and before it writes. Each has its own connection."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import update

from app.models.users import User
from app.services.sessions import SessionService
from tests import expect
from tests.factories.users import NEW_PASSWORD, PASSWORD, Person
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings
from tests.gates import gated, overtaken

CHANGE = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}


async def login(api: Api, email: str, password: str = PASSWORD) -> Response:
    return await (await api.client()).post("/api/v1/auth/login", json={"email": email, "password": password})


async def disable_everybody(api: Api) -> None:
    async with api.database.write() as session:
        await session.execute(update(User).values(is_active=False))
        await session.commit()


class TestLoginDuringAnotherChange:
    @pytest.fixture
    def slow(self, real_api: Api) -> Api:
        return gated(real_api.settings, real_api.stack)

    async def test_login_during_a_password_change_is_refused(self, real_api: Api, slow: Api, real_ada: Person) -> None:
        async def change() -> None:
            response = await real_ada.http.post("/api/v1/users/me/change-password", json=CHANGE)
            assert response.status_code == 200

        answer = await overtaken(login(slow, real_ada.email), slow, by=change)

        expect.problem(answer, 401, "invalid_credentials")
        assert (await login(real_api, real_ada.email, NEW_PASSWORD)).status_code == 200

    async def test_login_during_logout_all_is_refused(self, slow: Api, real_ada: Person) -> None:
        answer = await overtaken(
            login(slow, real_ada.email), slow, by=lambda: real_ada.http.post("/api/v1/auth/logout-all")
        )

        expect.problem(answer, 401, "invalid_credentials")

    async def test_login_during_the_revoke_command_is_refused(self, real_api: Api, slow: Api, real_ada: Person) -> None:
        command = SessionService(real_api.components)

        answer = await overtaken(login(slow, real_ada.email), slow, by=lambda: command.revoke(real_ada.email))

        expect.problem(answer, 401, "invalid_credentials")

    async def test_login_during_the_deletion_of_the_account_is_refused(self, slow: Api, real_ada: Person) -> None:
        answer = await overtaken(login(slow, real_ada.email), slow, by=lambda: real_ada.http.delete("/api/v1/users/me"))

        expect.problem(answer, 401, "invalid_credentials")

    async def test_login_while_the_account_is_disabled_is_refused(
        self, real_api: Api, slow: Api, real_ada: Person
    ) -> None:
        answer = await overtaken(login(slow, real_ada.email), slow, by=lambda: disable_everybody(real_api))

        expect.problem(answer, 401, "invalid_credentials")

    async def test_renewing_the_hash_does_not_restore_the_old_password(
        self, make_settings: MakeSettings, own_database_url: str, real_api: Api, real_ada: Person
    ) -> None:
        stronger = gated(make_settings(database_url=own_database_url, argon2_time_cost=2), real_api.stack)

        async def change() -> None:
            await real_ada.http.post("/api/v1/users/me/change-password", json=CHANGE)

        await overtaken(login(stronger, real_ada.email), stronger, by=change)

        expect.problem(await login(real_api, real_ada.email), 401, "invalid_credentials")
        assert (await login(real_api, real_ada.email, NEW_PASSWORD)).status_code == 200


class TestChangePasswordDuringAnotherChange:
    async def change(self, api: Api, ada: Person, by: Callable[[], Awaitable[Any]]) -> Response:
        slow = gated(api.settings, api.stack)
        http = await slow.client(headers={"Authorization": f"Bearer {ada.access_token}"})
        return await overtaken(http.post("/api/v1/users/me/change-password", json=CHANGE), slow, by)

    async def test_the_password_changes_although_a_login_renews_the_hash(
        self, make_settings: MakeSettings, own_database_url: str, real_api: Api, real_ada: Person
    ) -> None:
        stronger = make_settings(database_url=own_database_url, argon2_time_cost=2)
        other = Api.of(stronger, real_api.stack)
        real_api.stack.push_async_callback(other.database.close)

        answer = await self.change(real_api, real_ada, by=lambda: login(other, real_ada.email))

        assert answer.status_code == 200
        expect.problem(await login(real_api, real_ada.email), 401, "invalid_credentials")
        assert (await login(real_api, real_ada.email, NEW_PASSWORD)).status_code == 200

    async def test_change_while_the_account_is_disabled_is_refused(self, real_api: Api, real_ada: Person) -> None:
        answer = await self.change(real_api, real_ada, by=lambda: disable_everybody(real_api))

        expect.unauthorized(answer)

    async def test_change_during_logout_all_is_refused(self, real_api: Api, real_ada: Person) -> None:
        answer = await self.change(real_api, real_ada, by=lambda: real_ada.http.post("/api/v1/auth/logout-all"))

        expect.unauthorized(answer)
        assert (await login(real_api, real_ada.email)).status_code == 200


class TestDeletionDuringARequest:
    """The caller was authenticated, but the account is deleted before the request writes."""

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PATCH", "/api/v1/users/me", {"first_name": "Augusta"}),
            ("POST", "/api/v1/users/me/change-password", CHANGE),
            ("POST", "/api/v1/auth/reauthenticate", {"password": PASSWORD}),
            ("DELETE", "/api/v1/users/me", None),
        ],
    )
    async def test_the_request_is_401(
        self, real_api: Api, real_ada: Person, method: str, path: str, body: dict[str, Any] | None
    ) -> None:
        slow = gated(real_api.settings, real_api.stack)
        http = await slow.client(headers={"Authorization": f"Bearer {real_ada.access_token}"})

        answer = await overtaken(
            http.request(method, path, json=body), slow, by=lambda: real_ada.http.delete("/api/v1/users/me")
        )

        expect.unauthorized(answer)


class TestReauthenticateDuringLogout:
    async def test_reauthenticate_during_a_logout_is_refused(self, real_api: Api, real_ada: Person) -> None:
        slow = gated(real_api.settings, real_api.stack)
        http = await slow.client(headers={"Authorization": f"Bearer {real_ada.access_token}"})

        answer = await overtaken(
            http.post("/api/v1/auth/reauthenticate", json={"password": PASSWORD}),
            slow,
            by=lambda: real_ada.http.post("/api/v1/auth/logout"),
        )

        expect.unauthorized(answer)
