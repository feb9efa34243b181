"""The duration of POST /api/v1/auth/login does not reveal who has an account.

These tests measure processor time, which other programs do not affect. tests/attacks measures the elapsed time.
"""

import time

from httpx2 import AsyncClient

from tests.factories.users import add_user
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings

TRIES = 7


async def fastest(client: AsyncClient, emails: list[str]) -> list[float]:
    """The shortest of several tries for each address, in turns. Noise only makes a try longer."""
    best = dict.fromkeys(emails, float("inf"))
    for _ in range(TRIES):
        for email in emails:
            began = time.process_time()
            await client.post("/api/v1/auth/login", json={"email": email, "password": "not the password at all"})
            best[email] = min(best[email], time.process_time() - began)
    return list(best.values())


async def test_unknown_disabled_and_wrong_password_take_equally_long(make_settings: MakeSettings, api: Api) -> None:
    slow = Api.of(make_settings(argon2_memory_cost=16384, argon2_time_cost=3), api.stack, api.database)
    wrong, disabled = await add_user(slow), await add_user(slow, is_active=False)

    times = await fastest(await slow.client(), [wrong.email, disabled.email, "nobody@example.com"])

    assert max(times) < 1.5 * min(times)
