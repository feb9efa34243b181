"""Rate limits that all processes share in Redis."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from socket import socket

import pytest

from tests.attacks.test_enumeration import guess
from tests.factories.users import PASSWORD, add_user
from tests.fixtures.targets import Serve
from tests.gates import at_once, statuses
from tests.targets import Output, Target

REDIS = shutil.which("redis-server") or shutil.which("valkey-server")

pytestmark = [
    pytest.mark.attack,
    pytest.mark.slow,
    pytest.mark.skipif(REDIS is None, reason="neither redis-server nor valkey-server is installed"),
]


class Redis:
    """A real Redis server without data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        output = Output()
        options = {"bind": "127.0.0.1", "port": self.port, "save": "", "appendonly": "no", "dir": self.folder}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self.process = await asyncio.create_subprocess_exec(str(REDIS), *arguments, stdout=asyncio.subprocess.PIPE)
        assert self.process.stdout
        self.collecting = asyncio.create_task(output.collect(self.process.stdout))
        await output.has("Ready to accept connections")

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self.collecting


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Redis]:
    server = Redis(tmp_path)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def targets(serve: Serve, redis: Redis, workers: int) -> list[Target]:
    """Two servers, each with the number of workers that suits the database."""
    options = {"rate_limit_enabled": True, "rate_limit_storage_uri": redis.url, "workers": workers}
    return [await serve(**options) for _ in range(2)]


async def guesses(targets: list[Target], email: str, times: int) -> list[int]:
    """Guess on both servers, on many connections."""
    crowd = [http for target in targets for http in await target.clients(times)]
    return statuses(await at_once(*(guess(http, email) for http in crowd)))


class TestRedis:
    async def test_all_processes_share_one_limit(self, targets: list[Target]) -> None:
        user = await add_user(targets[0])

        assert await guesses(targets, user.email, 10) == [401] * 5 + [429] * 15

    async def test_without_redis_each_process_has_its_own_limit(self, targets: list[Target], redis: Redis) -> None:
        user = await add_user(targets[0])
        await redis.stop()
        processes = sum(int(target.environment["WORKERS"]) for target in targets)

        answers = await guesses(targets, user.email, 25)

        assert set(answers) == {401, 429}
        assert 5 * len(targets) <= answers.count(401) <= 5 * processes
        for target in targets:
            lines = target.output.of("throttling.storage_unavailable")
            assert 1 <= len(lines) <= int(target.environment["WORKERS"])

    async def test_after_a_restart_of_redis_the_limit_is_shared_again(
        self, targets: list[Target], redis: Redis
    ) -> None:
        user = await add_user(targets[0])
        await redis.stop()
        https = [await target.client() for target in targets]
        await at_once(*(guess(http, user.email, PASSWORD) for http in https))

        await redis.start()
        async with asyncio.timeout(30):
            while not all(target.output.of("throttling.storage_available") for target in targets):
                await at_once(*(guess(http, user.email, PASSWORD) for http in https))
                await asyncio.sleep(0.2)

        victim = await add_user(targets[0])
        answers = [await guess(http, victim.email) for http in https * 4]
        assert statuses(answers) == [401] * 5 + [429] * 3
