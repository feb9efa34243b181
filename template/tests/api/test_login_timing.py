"""How long POST /api/v1/auth/login takes tells nothing about who has an account.

What is measured is the processor's time, of which other programs take nothing away. The attacks look at the clock.
"""

import time

from httpx2 import AsyncClient

from tests.factories.users import add_user
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings

TRIES = 7


async def fastest(client: AsyncClient, emails: list[str]) -> list[float]:
    """The best of several tries for each, in turns: noise only ever adds, and meets all alike."""
    best = dict.fromkeys(emails, float("inf"))
    for _ in range(TRIES):
        for email in emails:
            began = time.process_time()
            await client.post("/api/v1/auth/login", json={"email": email, "password": "not the password at all"})
            best[email] = min(best[email], time.process_time() - began)
    return list(best.values())


async def test_is_the_same_for_unknown_disabled_and_wrong(make_settings: MakeSettings, api: Api) -> None:
    slow = Api.of(make_settings(argon2_memory_cost=16384, argon2_time_cost=3), api.stack, api.database)
    wrong, disabled = await add_user(slow), await add_user(slow, is_active=False)

    times = await fastest(await slow.client(), [wrong.email, disabled.email, "nobody@example.com"])

    assert max(times) < 1.5 * min(times)
