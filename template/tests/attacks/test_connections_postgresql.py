"""Database connections that the server closes while they are idle, and connections that get no response."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from httpx2 import Response
from sqlalchemy import text
from sqlalchemy.engine import make_url

from tests import expect
from tests.factories.users import PASSWORD, Person, signed_in
from tests.fixtures.relays_postgresql import Cable
from tests.fixtures.targets import Serve
from tests.targets import Target

pytestmark = [pytest.mark.attack, pytest.mark.slow]

ME = "/api/v1/users/me"
LOGIN = "/api/v1/auth/login"
# The application promises 5 seconds. One more for a busy machine.
BOUND = 5 + 1
KILL = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'served'")
COUNT = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'served'")


@pytest.fixture
def named_url(own_database_url: str) -> str:
    """A URL with an application name, to tell the connections of the tested server from those of this test."""
    named = make_url(own_database_url).update_query_dict({"application_name": "served"})
    return named.render_as_string(hide_password=False)


async def count(target: Target) -> int:
    """The number of connections of the tested server."""
    async with target.database.read() as session:
        return int((await session.execute(COUNT)).scalar_one())


async def fill_pools(person: Person) -> None:
    """Open every connection of both pools."""
    await asyncio.gather(
        *(person.http.get(ME) for _ in range(24)),
        *(person.http.patch(ME, json={"first_name": "Augusta"}) for _ in range(24)),
    )


def mixed(person: Person, times: int) -> list[Awaitable[Response]]:
    """Reads, writes, logins and a refresh."""
    login = {"email": person.email, "password": PASSWORD}
    requests: list[Callable[[], Awaitable[Response]]] = [
        lambda: person.http.get(ME),
        lambda: person.http.patch(ME, json={"first_name": "Augusta"}),
        lambda: person.http.post(LOGIN, json=login),
    ]
    return [request() for _ in range(times) for request in requests] + [person.refresh()]


async def timed(request: Awaitable[Response]) -> tuple[Response, float]:
    began = time.monotonic()
    return await request, time.monotonic() - began


class TestConnectionsClosedWhileIdle:
    async def test_no_request_fails_after_the_server_closed_idle_connections(
        self, serve: Serve, named_url: str
    ) -> None:
        target = await serve(served_database_url=named_url)
        ada = await signed_in(target)
        await fill_pools(ada)
        assert await count(target) >= 2

        async with target.database.write() as session:
            await session.execute(KILL)
        async with asyncio.timeout(10):
            while await count(target):
                pass
        assert (await ada.http.get("/health/live")).status_code == 200

        answers = await asyncio.gather(*mixed(ada, 10))
        assert {answer.status_code for answer in answers} == {200}

    async def test_no_request_fails_after_a_restart_of_the_database(self, serve: Serve, cable: Cable) -> None:
        target = await serve(served_database_url=cable.url)
        ada = await signed_in(target)
        await fill_pools(ada)

        cable.close()
        await cable.open()
        assert (await ada.http.get("/health/live")).status_code == 200

        answers = await asyncio.gather(*mixed(ada, 10))
        assert {answer.status_code for answer in answers} == {200}


class TestPools:
    @pytest.mark.parametrize("size", [1, 3])
    async def test_the_pools_open_no_more_connections_than_their_size(
        self, serve: Serve, named_url: str, size: int
    ) -> None:
        target = await serve(served_database_url=named_url, database_pool_size=size)
        ada, crowd = await signed_in(target), await target.clients(64)
        headers = {"Authorization": f"Bearer {ada.access_token}"}
        reads = [http.get(ME, headers=headers) for http in crowd[:32]]
        writes = [http.patch(ME, json={"first_name": "Augusta"}, headers=headers) for http in crowd[32:]]

        running = asyncio.gather(*reads, *writes)
        most = 0
        while not running.done():
            most = max(most, await count(target))

        assert {answer.status_code for answer in await running} == {200}
        assert 2 <= most <= 2 * size
        assert await count(target) <= 2 * size


class TestDatabaseWithoutResponse:
    @pytest.mark.parametrize("size", [1, 5, 20])
    async def test_requests_are_503_within_seconds_and_200_afterwards(
        self, serve: Serve, cable: Cable, size: int
    ) -> None:
        target = await serve(served_database_url=cable.url, database_pool_size=size)
        ada = await signed_in(target)
        await fill_pools(ada)

        cable.silence()
        for _ in range(2):
            for answer, seconds in await asyncio.gather(*map(timed, mixed(ada, 15))):
                expect.problem(answer, 503, "database_unavailable")
                assert seconds < BOUND

        cable.speak()
        for answer, seconds in await asyncio.gather(*map(timed, mixed(ada, 10))):
            assert answer.status_code == 200
            assert seconds < BOUND

    async def test_one_timeout_of_a_read_replaces_the_connections_of_writers_too(
        self, serve: Serve, cable: Cable
    ) -> None:
        target = await serve(served_database_url=cable.url)
        ada = await signed_in(target)
        await fill_pools(ada)

        cable.silence()
        assert (await ada.http.get(ME)).status_code == 503
        cable.speak()

        answers = await asyncio.gather(*mixed(ada, 10))
        assert {answer.status_code for answer in answers} == {200}
