"""A rolling restart as in docs/deployment.md: two instances behind one address are replaced during traffic."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.factories.users import Person, signed_in
from tests.fixtures.relays import Connection, Relay
from tests.fixtures.targets import Serve
from tests.targets import Target

pytestmark = pytest.mark.slow

ME = "/api/v1/users/me"
PEOPLE = 4


class Balancer(Relay):
    """Forwards connections to several instances in turn."""

    def __init__(self, *instances: Target) -> None:
        super().__init__()
        self.instances = list(instances)
        self._carrying: dict[Target, set[asyncio.Task[Any] | None]] = defaultdict(set)

    async def take_out(self, instance: Target) -> None:
        """Send no more connections to the instance, and wait until its open connections are closed."""
        self.instances.remove(instance)
        await asyncio.gather(*filter(None, self._carrying[instance]))

    async def connect(self) -> Connection:
        self.instances.append(instance := self.instances.pop(0))
        self._carrying[instance].add(asyncio.current_task())
        host, _, port = instance.url.removeprefix("http://").partition(":")
        return await asyncio.open_connection(host, int(port))


class Traffic:
    """Users who send requests without a pause. Each request has its own connection, which may reach any instance."""

    def __init__(self) -> None:
        self._done: asyncio.Queue[None] = asyncio.Queue()
        self._stopped = asyncio.Event()

    async def work(self, person: Person) -> None:
        while not self._stopped.is_set():
            assert (await person.http.patch(ME, json={"first_name": "Augusta"})).status_code == 200
            assert await person.is_signed_in()
            assert await person.can_refresh()
            await self._done.put(None)

    async def goes_on(self) -> None:
        """Wait until some more requests have succeeded."""
        while not self._done.empty():
            self._done.get_nowait()
        for _ in range(5 * PEOPLE):
            await self._done.get()

    def stop(self) -> None:
        self._stopped.set()


@pytest.fixture
async def instances(serve: Serve) -> list[Target]:
    return [await serve(), await serve()]


@pytest.fixture
async def balancer(instances: list[Target]) -> AsyncIterator[Balancer]:
    opened = Balancer(*instances)
    await opened.open()
    yield opened
    opened.close()


async def worker(address: str, instance: Target) -> Person:
    """A user whose requests each open a new connection to the address."""
    known = await signed_in(instance)
    http = AsyncClient(base_url=address, headers={"Connection": "close"})
    tokens = {"access_token": known.access_token, "refresh_token": known.refresh_token}
    return Person(known.user, tokens, await instance.stack.enter_async_context(http))


async def test_a_rolling_restart_loses_no_request(serve: Serve, instances: list[Target], balancer: Balancer) -> None:
    address = f"http://127.0.0.1:{balancer.port}"
    people = [await worker(address, instances[0]) for _ in range(PEOPLE)]
    traffic = Traffic()

    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(traffic.work(person))
        for old in instances:
            await traffic.goes_on()
            new = await serve()
            assert (await (await new.client()).get("/health/ready")).status_code == 200
            balancer.instances.append(new)
            await balancer.take_out(old)
            await old.stop()
        await traffic.goes_on()
        traffic.stop()
