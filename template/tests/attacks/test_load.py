"""Many simultaneous logins: the process still answers probes, and its memory stays small."""

import asyncio
import time
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Response

from tests.factories.users import PASSWORD, add_user
from tests.fixtures.targets import Serve
from tests.gates import at_once

pytestmark = [pytest.mark.attack, pytest.mark.slow]

LOGIN = "/api/v1/auth/login"
KIB = 1024
STATUS = Path("/proc/self/status")


async def login(http: AsyncClient, email: str) -> Response:
    return await http.post(LOGIN, json={"email": email, "password": PASSWORD})


class TestTwentyLogins:
    async def test_simultaneous_logins_do_not_block_the_event_loop(self, serve: Serve) -> None:
        target = await serve(argon2_memory_cost=65536, argon2_time_cost=3)
        user, probe, crowd = await add_user(target), await target.client(), await target.clients(20)

        logins = asyncio.gather(*(login(http, user.email) for http in crowd))
        began, waits = time.perf_counter(), []
        while not logins.done():
            asked = time.perf_counter()
            await probe.get("/health/live")
            waits.append(time.perf_counter() - asked)

        assert {answer.status_code for answer in await logins} == {200}
        # If the event loop hashed, each login would delay one probe, and these delays would be nearly all of the time.
        assert sum(sorted(waits)[-len(crowd) :]) < (time.perf_counter() - began) / 2


@pytest.mark.skipif(not STATUS.exists(), reason="this system has no /proc with the memory of a process")
class TestHundredLogins:
    async def test_a_hundred_logins_take_the_memory_of_a_few(self, serve: Serve) -> None:
        target = await serve(argon2_memory_cost=19456, argon2_time_cost=2, password_hash_concurrency=2)
        user, crowd = await add_user(target), await target.clients(100)
        await login(crowd[0], user.email)
        before = _peak_memory(target.process.pid)

        answers = await at_once(*(login(http, user.email) for http in crowd))

        assert {answer.status_code for answer in answers} <= {200, 503}
        # Two hashes at a time, and the memory of a hundred connections. Without the limit it would be a hundred hashes.
        assert _peak_memory(target.process.pid) - before < 10 * 19456 * KIB


def _peak_memory(pid: int) -> int:
    """The peak memory of a process, in bytes."""
    for line in STATUS.parents[1].joinpath(str(pid), STATUS.name).read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * KIB
    raise AssertionError("/proc has no VmHWM line")
