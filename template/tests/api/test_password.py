"""POST /api/v1/users/me/change-password and /api/v1/auth/reauthenticate."""

import pytest
from httpx2 import AsyncClient, Response

from tests import expect
from tests.factories.sessions import time_passes
from tests.factories.users import NEW_PASSWORD, PASSWORD, Person, add_user, registration, sign_in
from tests.fixtures.applications import Api


async def change(person: Person, current: str = PASSWORD, new: str = NEW_PASSWORD) -> Response:
    body = {"current_password": current, "new_password": new}
    return await person.http.post("/api/v1/users/me/change-password", json=body)


async def reauthenticate(person: Person, password: str = PASSWORD) -> Response:
    return await person.http.post("/api/v1/auth/reauthenticate", json={"password": password})


class TestChangePassword:
    async def test_the_new_password_replaces_the_old_one(self, client: AsyncClient, ada: Person) -> None:
        assert (await change(ada)).status_code == 200

        credentials = {"email": ada.email, "password": PASSWORD}
        expect.problem(await client.post("/api/v1/auth/login", json=credentials), 401, "invalid_credentials")
        credentials["password"] = NEW_PASSWORD
        assert (await client.post("/api/v1/auth/login", json=credentials)).status_code == 200

    async def test_a_new_password_ends_all_sessions_and_starts_one(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)
        old = ada.refresh_token

        response = await change(ada)

        expect.unauthorized(await ada.http.get("/api/v1/users/me"))
        expect.unauthorized(await ada.refresh(old), "invalid_refresh_token")
        assert not await phone.is_signed_in()
        assert not await phone.can_refresh()
        assert response.headers["pragma"] == "no-cache"
        ada.take(response.json())
        assert (await ada.http.get("/api/v1/auth/sessions", params={"page": 1})).json()["total"] == 1
        assert await ada.can_refresh()

    async def test_a_wrong_current_password_is_403(self, client: AsyncClient, ada: Person) -> None:
        response = await change(ada, current=NEW_PASSWORD)

        expect.problem(response, 403, "wrong_password")
        credentials = {"email": ada.email, "password": PASSWORD}
        assert (await client.post("/api/v1/auth/login", json=credentials)).status_code == 200
        assert await ada.is_signed_in()

    async def test_an_unchanged_password_is_refused(self, ada: Person) -> None:
        response = await change(ada, new=PASSWORD)

        assert expect.reasons(response, code="password_unchanged") == {("#/new_password", "password_unchanged")}
        assert await ada.is_signed_in()

    @pytest.mark.parametrize("password", ["shorter", "a" * 20, "Ada Lovelace 1815!"])
    async def test_the_new_password_must_follow_the_rules(self, ada: Person, password: str) -> None:
        response = await change(ada, new=password)

        assert response.status_code == 422
        assert {error["pointer"] for error in response.json()["errors"]} == {"#/new_password"}
        assert password not in response.text

    async def test_a_password_made_of_the_address_is_refused(self, api: Api) -> None:
        countess = await sign_in(api, await add_user(api, email="countess.of.computing@example.com"))

        response = await change(countess, new="countess.of.computing1815")

        assert expect.reasons(response, code="password_too_weak") == {("#/new_password", "password_too_weak")}

    async def test_composed_and_decomposed_accents_are_the_same_password(self, client: AsyncClient) -> None:
        composed, decomposed = "caf\u00e9 au lait, sept lampes", "cafe\u0301 au lait, sept lampes"
        account = registration(password=composed)
        tokens = (await client.post("/api/v1/auth/register", json=account)).json()
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"

        confirmed = await client.post("/api/v1/auth/reauthenticate", json={"password": decomposed})
        body = {"current_password": decomposed, "new_password": NEW_PASSWORD}
        changed = await client.post("/api/v1/users/me/change-password", json=body)

        assert (confirmed.status_code, changed.status_code) == (204, 200)

    async def test_change_password_needs_authentication(self, client: AsyncClient) -> None:
        body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

        expect.problem(await client.post("/api/v1/users/me/change-password", json=body), 401, "not_authenticated")


class TestReauthenticate:
    async def test_reauthenticate_makes_the_authentication_recent(self, api: Api, ada: Person) -> None:
        await time_passes(api, minutes=11)
        assert (await ada.http.delete("/api/v1/users/me")).status_code == 403

        response = await reauthenticate(ada)

        assert (response.status_code, response.content) == (204, b"")
        assert (await ada.http.delete("/api/v1/users/me")).status_code == 204

    async def test_other_sessions_stay_as_they_are(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)
        await time_passes(api, minutes=11)

        await reauthenticate(ada)

        expect.problem(await phone.http.delete("/api/v1/users/me"), 403, "reauthentication_required")

    async def test_a_wrong_password_changes_nothing(self, api: Api, ada: Person) -> None:
        await time_passes(api, minutes=11)

        response = await reauthenticate(ada, "not the password at all")

        expect.problem(response, 403, "wrong_password")
        expect.problem(await ada.http.delete("/api/v1/users/me"), 403, "reauthentication_required")

    async def test_a_refresh_does_not_count_as_a_password_check(self, api: Api, ada: Person) -> None:
        await time_passes(api, minutes=11)
        assert await ada.can_refresh()

        expect.problem(await ada.http.delete("/api/v1/users/me"), 403, "reauthentication_required")


class TestThrottling:
    async def test_five_failures_in_all_password_checks_together_are_the_limit(self, throttled_api: Api) -> None:
        ada = await sign_in(throttled_api, await add_user(throttled_api))
        failures = [await reauthenticate(ada, "not the password"), await change(ada, "not the password")]
        phone = await sign_in(throttled_api, ada.user)
        failures += [await reauthenticate(phone, "not the password") for _ in range(3)]

        refused = await reauthenticate(ada)

        assert [failure.status_code for failure in failures] == [403] * 5
        expect.throttled(refused, minutes=15)
        expect.throttled(await change(ada), minutes=15)

    async def test_successful_checks_are_not_limited(self, throttled_api: Api) -> None:
        ada = await sign_in(throttled_api, await add_user(throttled_api))

        statuses = [(await reauthenticate(ada)).status_code for _ in range(7)]

        assert statuses == [204] * 7
