"""Rate limits of POST /api/v1/auth/login."""

from contextlib import AsyncExitStack

from httpx2 import AsyncClient, Response

from tests import expect
from tests.factories.users import PASSWORD, add_user
from tests.fixtures.applications import Api, start
from tests.fixtures.settings import MakeSettings
from tests.gates import at_once


async def login(client: AsyncClient, email: str, password: str = PASSWORD) -> Response:
    return await client.post("/api/v1/auth/login", json={"email": email, "password": password})


class TestThrottling:
    async def test_the_sixth_attempt_after_five_failures_is_429(self, throttled_api: Api) -> None:
        user, client = await add_user(throttled_api), await throttled_api.client()
        failures = [(await login(client, user.email, f"wrong password {n}")).status_code for n in range(5)]

        refused = await login(client, user.email)

        assert failures == [401] * 5
        expect.throttled(refused, minutes=15)

    async def test_unknown_accounts_have_the_same_limit(self, throttled_api: Api) -> None:
        client = await throttled_api.client()

        statuses = [(await login(client, "nobody@example.com")).status_code for _ in range(6)]

        assert statuses == [401] * 5 + [429]

    async def test_failures_of_one_address_do_not_block_another_address(self, throttled_api: Api) -> None:
        user, attacker = await add_user(throttled_api), await throttled_api.client("203.0.113.9")
        for _ in range(6):
            await login(attacker, user.email, "wrong password")

        response = await login(await throttled_api.client("198.51.100.7"), user.email)

        assert response.status_code == 200

    async def test_successful_logins_are_not_limited(self, throttled_api: Api) -> None:
        user, client = await add_user(throttled_api), await throttled_api.client()

        statuses = [(await login(client, user.email)).status_code for _ in range(8)]

        assert statuses == [200] * 8

    async def test_successful_logins_do_not_count_even_if_some_were_refused(
        self, make_settings: MakeSettings, own_database_url: str, stack: AsyncExitStack
    ) -> None:
        settings = make_settings(database_url=own_database_url, rate_limit_enabled=True)
        api = await start(settings, stack)
        user, client = await add_user(api), await api.client()

        await at_once(*(login(client, user.email) for _ in range(12)))

        assert (await login(client, user.email)).status_code == 200

    async def test_a_success_gives_back_only_its_own_attempt(self, throttled_api: Api) -> None:
        user, client = await add_user(throttled_api), await throttled_api.client()
        passwords = ["wrong"] * 4 + [PASSWORD] + ["wrong"] * 2

        answers = [await login(client, user.email, password) for password in passwords]

        assert [answer.status_code for answer in answers] == [401] * 4 + [200, 401, 429]

    async def test_an_ipv6_network_counts_as_one_address(self, throttled_api: Api) -> None:
        user = await add_user(throttled_api)

        answers = [
            await login(await throttled_api.client(f"2001:db8::{number}"), user.email, "wrong") for number in range(6)
        ]

        assert [answer.status_code for answer in answers] == [401] * 5 + [429]

    async def test_one_address_has_thirty_attempts_in_five_minutes(self, throttled_api: Api) -> None:
        client = await throttled_api.client()
        for n in range(30):
            await login(client, f"nobody{n}@example.com")

        refused = await login(client, "one-more@example.com")

        expect.throttled(refused, minutes=5)
