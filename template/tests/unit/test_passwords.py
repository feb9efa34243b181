"""Hash and verify passwords."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from argon2.exceptions import VerifyMismatchError

from app.core.security.passwords import LOWER_PRIORITY, MAX_PENDING, HashingBusy, Passwords
from tests.fixtures.settings import MakeSettings

PASSWORD = "seven quiet lamps by the river"
ROOT = Path(__file__).parents[2]
WITHOUT_MEMORY = """
import asyncio, resource
from app.core.config import Settings
from app.core.security.passwords import HashingBusy, Passwords

passwords = Passwords(Settings(environment="test", argon2_memory_cost=1024 * 1024))
limit = 512 * 1024 * 1024
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for work in (passwords.hash("x"), passwords.verify("x", None)):
    try:
        asyncio.run(work)
    except HashingBusy as error:
        print("refused:", type(error).__name__)
"""


@pytest.fixture
def hasher(make_settings: MakeSettings) -> Passwords:
    return Passwords(make_settings())


class TestPasswords:
    async def test_only_the_hashed_password_matches(self, hasher: Passwords) -> None:
        hashed = await hasher.hash(PASSWORD)

        assert hashed.startswith("$argon2id$v=19$m=8,t=1,p=1$")
        assert await hasher.verify(PASSWORD, hashed)
        assert not await hasher.verify(f"{PASSWORD} ", hashed)

    async def test_each_hash_has_its_own_salt(self, hasher: Passwords) -> None:
        assert await hasher.hash(PASSWORD) != await hasher.hash(PASSWORD)

    @pytest.mark.parametrize("damaged", ["x", "$argon2id$", "$2b$12$abc", "\x00"])
    async def test_damaged_hash_matches_nothing(self, hasher: Passwords, damaged: str) -> None:
        assert not await hasher.verify(PASSWORD, damaged)

    async def test_missing_hash_matches_nothing(self, hasher: Passwords) -> None:
        assert not await hasher.verify(PASSWORD, None)
        assert not await hasher.verify("", None)

    def test_a_missing_hash_takes_as_long_as_a_real_one(self, hasher: Passwords) -> None:
        """It has the parameters of a real one, and differs only at the end: a damaged one would be refused at once."""
        with pytest.raises(VerifyMismatchError):
            hasher._hasher.verify(hasher._dummy, PASSWORD)  # noqa: SLF001
        assert not hasher.outdated(hasher._dummy)  # noqa: SLF001

    async def test_a_hash_with_other_parameters_is_outdated(
        self, hasher: Passwords, make_settings: MakeSettings
    ) -> None:
        hashed = await hasher.hash(PASSWORD)

        assert not hasher.outdated(hashed)
        assert Passwords(make_settings(argon2_memory_cost=16)).outdated(hashed)

    async def test_the_event_loop_is_not_blocked_while_hashing(self, make_settings: MakeSettings) -> None:
        slow = Passwords(make_settings(argon2_memory_cost=32768, argon2_time_cost=3))
        turns = 0

        hashing = asyncio.create_task(slow.hash(PASSWORD))
        while not hashing.done():
            await asyncio.sleep(0)
            turns += 1

        assert turns > 50

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, all threads of a process have the same priority")
    async def test_requests_have_a_higher_priority_than_hashes(self, hasher: Passwords) -> None:
        before = os.nice(0)

        assert await hasher._in_thread(os.nice, 0) == min(before + LOWER_PRIORITY, 19)  # noqa: SLF001  in a hash's thread
        assert os.nice(0) == before

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, the memory of a process has no such limit")
    def test_without_memory_for_a_hash_it_is_503(self) -> None:
        """In a process of its own, which has less memory than a hash needs. The password must not count as wrong."""
        command = [sys.executable, "-c", WITHOUT_MEMORY]
        ended = subprocess.run(  # noqa: S603
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )

        assert ended.stdout.count("refused: HashingBusy") == 2, ended.stderr

    async def test_too_many_pending_hashes_are_503(self, hasher: Passwords) -> None:
        outcomes = await asyncio.gather(*(hasher.hash(PASSWORD) for _ in range(300)), return_exceptions=True)

        refused = [outcome for outcome in outcomes if isinstance(outcome, HashingBusy)]
        assert len(refused) == 300 - MAX_PENDING
        assert refused[0].status == 503
        assert refused[0].response_headers["Retry-After"]
        assert await hasher.hash(PASSWORD)
