"""Settings with other values than the defaults take effect in the whole application."""

from contextlib import AsyncExitStack
from ipaddress import ip_network

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.config import Settings
from tests import expect
from tests.factories.sessions import time_passes
from tests.factories.users import PASSWORD, Person, add_user, registration, sign_in
from tests.fixtures.applications import Api, OneConnection
from tests.fixtures.settings import MakeSettings

ME = "/api/v1/users/me"
UNUSUAL = {
    "app_name": "Countess of Computing",
    "password_min_length": 9,
    "max_body_bytes": 4000,
    "reauthentication_minutes": 2,
    "jwt_access_token_expire_minutes": 3,
    "jwt_refresh_token_expire_days": 4,
    "jwt_refresh_token_idle_days": 1,
    "trusted_proxies": (ip_network("10.0.0.0/8"),),
}
KEYS = {
    "secret_key": "the k3y of Monday, which is not the first of all",
    "jwt_secret_key": "Monday's other k3y, for signatures",
}
NEW_KEYS = {
    "secret_key": "the k3y of Tuesday, which comes after Monday",
    "jwt_secret_key": "Tuesday's other k3y, for signing",
}
FALLBACKS = {f"{name}_fallbacks": (value,) for name, value in KEYS.items()}


def application(settings: Settings, stack: AsyncExitStack, connection: AsyncConnection) -> Api:
    return Api.of(settings, stack, OneConnection(settings, connection))


class TestUnusualSettings:
    @pytest.fixture
    def api(self, make_settings: MakeSettings, stack: AsyncExitStack, connection: AsyncConnection) -> Api:
        return application(make_settings(**UNUSUAL), stack, connection)

    @pytest.fixture
    async def ada(self, api: Api) -> Person:
        return await sign_in(api, await add_user(api))

    async def test_the_password_minimum_is_used(self, api: Api) -> None:
        client = await api.client()

        short = await client.post("/api/v1/auth/register", json=registration(password="vK9$e2!p"))
        long_enough = await client.post("/api/v1/auth/register", json=registration(password="vK9$e2!pL"))

        assert expect.reasons(short) == {("#/password", "password_too_short")}
        assert long_enough.status_code == 201

    async def test_the_name_of_the_application_is_refused_as_a_password(self, ada: Person) -> None:
        named = "countess-of-computing!1815"

        registered = await ada.http.post("/api/v1/auth/register", json=registration(password=named))
        body = {"current_password": PASSWORD, "new_password": named}
        changed = await ada.http.post("/api/v1/users/me/change-password", json=body)

        for refused in (registered, changed):
            expect.problem(refused, 422, "password_too_weak")

    async def test_the_body_limit_is_used(self, api: Api) -> None:
        response = await (await api.client()).post("/api/v1/auth/login", content=b" " * 4001)

        expect.problem(response, 413, "content_too_large")

    async def test_the_reauthentication_time_is_used(self, api: Api, ada: Person) -> None:
        await time_passes(api, minutes=2, seconds=1)

        expect.problem(await ada.http.delete(ME), 403, "reauthentication_required")

    async def test_the_token_lifetimes_are_used(self, api: Api, ada: Person) -> None:
        tokens = (await ada.refresh()).json()

        assert (tokens["expires_in"], tokens["refresh_expires_in"]) == (3 * 60, 24 * 3600)
        await time_passes(api, days=1, seconds=1)
        assert not await ada.can_refresh()

    async def test_forwarded_headers_of_trusted_proxies_are_used(self, api: Api) -> None:
        user = await add_user(api)
        proxied = await api.client(
            "10.0.0.1", headers=[("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "198.51.100.7")]
        )
        tokens = (await proxied.post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD})).json()
        person = Person(user, tokens, proxied)

        [session] = (await person.http.get("/api/v1/auth/sessions")).json()["results"]

        assert session["ip"] == "198.51.100.7"


class TestNewKeys:
    async def test_fallback_keys_accept_old_tokens_cursors_and_encrypted_columns(
        self, make_settings: MakeSettings, stack: AsyncExitStack, connection: AsyncConnection
    ) -> None:
        before = application(make_settings(**KEYS), stack, connection)
        ada = await sign_in(before, await add_user(before), ip="203.0.113.9")
        await sign_in(before, ada.user)
        sessions = {"per_page": 1}
        cursor = (await ada.http.get("/api/v1/auth/sessions", params=sessions)).json()["next_cursor"]

        after = application(make_settings(**NEW_KEYS, **FALLBACKS), stack, connection)
        ada.http = await after.client(headers=ada.http.headers)

        assert await ada.is_signed_in()
        [oldest] = (await ada.http.get("/api/v1/auth/sessions", params={"cursor": cursor})).json()["results"]
        assert oldest["ip"] == "203.0.113.9"
        assert await ada.can_refresh()

    async def test_new_tokens_do_not_need_the_old_keys(
        self, make_settings: MakeSettings, stack: AsyncExitStack, connection: AsyncConnection
    ) -> None:
        during = application(make_settings(**NEW_KEYS, **FALLBACKS), stack, connection)
        ada = await sign_in(during, await add_user(during))

        after = application(make_settings(**NEW_KEYS), stack, connection)
        ada.http = await after.client(headers=ada.http.headers)

        assert await ada.is_signed_in()
        assert await ada.can_refresh()

    async def test_without_fallbacks_old_tokens_are_refused(
        self, make_settings: MakeSettings, stack: AsyncExitStack, connection: AsyncConnection
    ) -> None:
        before = application(make_settings(**KEYS), stack, connection)
        ada = await sign_in(before, await add_user(before))

        after = application(make_settings(**NEW_KEYS), stack, connection)
        ada.http = await after.client(headers=ada.http.headers)

        assert not await ada.is_signed_in()
        expect.unauthorized(await ada.refresh(), "invalid_refresh_token")
