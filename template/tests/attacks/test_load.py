"""Too much at once: the process stays alive, answers probes, and stays small."""

import asyncio
import time
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Response

from tests.factories.users import PASSWORD, add_user
from tests.fixtures.targets import Serve
from tests.races.gates import at_once

pytestmark = [pytest.mark.attack, pytest.mark.slow]

LOGIN = "/api/v1/auth/login"
KIB = 1024
STATUS = Path("/proc/self/status")


async def login(http: AsyncClient, email: str) -> Response:
    return await http.post(LOGIN, json={"email": email, "password": PASSWORD})


async def duration(answer: object) -> float:
    began = time.perf_counter()
    await answer  # type: ignore[misc]
    return time.perf_counter() - began


class TestTwentyLogins:
    async def test_leave_the_event_loop_free(self, serve: Serve) -> None:
        # A hash takes long enough that a loop that waited for one would be seen.
        target = await serve(argon2_memory_cost=65536, argon2_time_cost=6)
        user, probe, crowd = await add_user(target), await target.client(), await target.clients(20)
        alone = await duration(login(probe, user.email))

        logins = asyncio.gather(*(login(http, user.email) for http in crowd))
        probes = []
        while not logins.done():
            probes.append(await duration(probe.get("/health/live")))
            await asyncio.sleep(0.01)

        assert {answer.status_code for answer in await logins} == {200}
        assert len(probes) > 10
        assert max(probes) < alone, f"{max(probes):.3f} s, while one login alone takes {alone:.3f} s"


@pytest.mark.skipif(not STATUS.exists(), reason="this system does not tell the memory of a process in /proc")
class TestHundredLogins:
    async def test_take_no_more_memory_than_a_few(self, serve: Serve) -> None:
        target = await serve(argon2_memory_cost=19456, argon2_time_cost=2, password_hash_concurrency=2)
        user, crowd = await add_user(target), await target.clients(100)
        await login(crowd[0], user.email)
        before = _peak_memory(target.process.pid)

        answers = await at_once(*(login(http, user.email) for http in crowd))

        assert {answer.status_code for answer in answers} <= {200, 503}
        # Two hashes at once, and what a hundred connections take; without a limit it would be a hundred hashes.
        assert _peak_memory(target.process.pid) - before < 10 * 19456 * KIB


def _peak_memory(pid: int) -> int:
    """The most that a process ever took, in bytes."""
    for line in STATUS.parents[1].joinpath(str(pid), STATUS.name).read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * KIB
    raise AssertionError("no peak in /proc")
