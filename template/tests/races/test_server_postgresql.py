"""A PostgreSQL server that restarts, is read-only, does not respond, or has no free connection."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from app.core.config import ConfigurationError
from app.db.database import Database
from app.db.dialects import postgresql
from app.models.users import User
from tests import expect
from tests.factories.users import PASSWORD, Person, registration, signed_in
from tests.fixtures.applications import Api, start
from tests.fixtures.settings import MakeSettings

_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
OTHERS = text(f"SELECT count(*) {_OTHERS}")
KILL_OTHERS = text(f"SELECT count(pg_terminate_backend(pid)) {_OTHERS}")


@pytest.fixture
async def small_api(make_settings: MakeSettings, own_database_url: str, stack: AsyncExitStack) -> Api:
    """An application with two connections for reading and two for writing."""
    return await start(make_settings(database_url=own_database_url, database_pool_size=2), stack)


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A server that accepts connections and never sends anything."""
    connected: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: connected.append(writer), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    for writer in connected:
        writer.close()
    server.close()


class TestConnectionsClosedByTheServer:
    async def test_closed_connections_are_replaced_without_an_error(self, real_api: Api, real_ada: Person) -> None:
        used: set[Any] = set()
        for engine in (real_api.database.reading, real_api.database.writing):
            event.listen(engine.sync_engine, "checkout", lambda connection, *_: used.add(connection.driver_connection))
        await real_ada.http.patch("/api/v1/users/me", json={"first_name": "Ada"})
        await asyncio.gather(*(real_ada.is_signed_in() for _ in range(8)))
        other = await start(real_api.settings, real_api.stack)
        async with other.database.read() as session, asyncio.timeout(10):
            assert await session.scalar(KILL_OTHERS) >= 2
            ended = False
            # The driver notices later than the server that a connection has ended. Neither sends an event.
            while not ended:
                await asyncio.sleep(0.01)
                ended = not await session.scalar(OTHERS) and all(connection.is_closed() for connection in used)

        assert [await real_ada.is_signed_in() for _ in range(8)] == [True] * 8
        changed = await real_ada.http.patch("/api/v1/users/me", json={"first_name": "Augusta"})
        assert changed.status_code == 200


class TestReadOnlyServer:
    async def test_writes_are_503_and_reads_are_200(self, real_api: Api, real_ada: Person) -> None:
        async with real_api.database.write() as session:
            name = (await session.execute(text("SELECT current_database()"))).scalar_one()
            await session.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
            await session.commit()
        after = await start(real_api.settings, real_api.stack)
        client = await after.client(headers={"Authorization": f"Bearer {real_ada.access_token}"})

        refused = await client.patch("/api/v1/users/me", json={"first_name": "Augusta"})

        expect.problem(refused, 503, "database_unavailable")
        assert refused.headers["retry-after"]
        assert (await client.get("/api/v1/users/me")).status_code == 200


class TestDatabaseUrl:
    def test_an_unknown_parameter_is_refused(self, make_settings: MakeSettings) -> None:
        """Without this check, the first request would be a 500."""
        with pytest.raises(ConfigurationError, match="DATABASE_URL: the parameter pool_size is not supported"):
            Database(make_settings(database_url="postgresql+asyncpg://app@localhost/app?pool_size=5"))


class TestSilentServer:
    async def test_readiness_is_503_within_two_seconds(
        self, make_settings: MakeSettings, stack: AsyncExitStack, silent_port: int
    ) -> None:
        url = f"postgresql+asyncpg://somebody@127.0.0.1:{silent_port}/nothing?ssl=disable"
        api = await start(make_settings(database_url=url), stack)
        client, began = await api.client(), time.monotonic()

        answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(5)))

        assert time.monotonic() - began < 2
        assert {answer.status_code for answer in answers} == {503}
        assert answers[0].json() == {
            "status": "unavailable",
            "checks": {"database": "unavailable", "migrations": "unavailable"},
        }


class TestFullPool:
    async def test_requests_are_503_until_a_connection_is_free(
        self,
        monkeypatch: pytest.MonkeyPatch,
        make_settings: MakeSettings,
        own_database_url: str,
        stack: AsyncExitStack,
    ) -> None:
        monkeypatch.setattr(postgresql, "CONNECT_SECONDS", 1)
        small_api = await start(make_settings(database_url=own_database_url, database_pool_size=2), stack)
        client = await small_api.client()
        async with AsyncExitStack() as held:
            for _ in range(2):
                session = await held.enter_async_context(small_api.database.write())
                await session.execute(select(func.count(User.id)))

            refused = await client.post("/api/v1/auth/register", json=registration())

        expect.problem(refused, 503, "database_unavailable")
        assert refused.headers["retry-after"]
        assert (await client.post("/api/v1/auth/register", json=registration())).status_code == 201


class TestHashing:
    async def test_hashing_holds_no_connection(self, small_api: Api) -> None:
        """Otherwise requests that wait for a hash would block the database for others."""
        ada, bob = await signed_in(small_api), await signed_in(small_api)
        passwords, free = small_api.components.passwords, threading.Event()
        small_api.stack.callback(free.set)
        for _ in range(small_api.settings.password_hash_concurrency):
            passwords._threads.submit(free.wait, 60)  # noqa: SLF001  no hash runs before `free` is set
        login = {"email": ada.email, "password": PASSWORD}
        waiting = asyncio.gather(
            *(ada.http.post("/api/v1/auth/login", json=login) for _ in range(2)),
            *(ada.http.post("/api/v1/auth/reauthenticate", json={"password": PASSWORD}) for _ in range(2)),
            *(ada.http.post("/api/v1/auth/register", json=registration()) for _ in range(2)),
        )
        async with asyncio.timeout(30):
            while passwords._pending < 6:  # noqa: ASYNC110, SLF001  there is no event for this
                await asyncio.sleep(0.01)

        others = [await bob.http.get("/api/v1/users/me"), await bob.http.patch("/api/v1/users/me", json={})]

        free.set()
        assert [answer.status_code for answer in await waiting] == [200, 200, 204, 204, 201, 201]
        assert [answer.status_code for answer in others] == [200, 200]


class TestDeadlock:
    async def test_one_of_two_deadlocked_writes_is_503(self, real_api: Api) -> None:
        people = [await signed_in(real_api) for _ in range(2)]
        arrived = asyncio.Barrier(2)

        async def lock(first: Person, second: Person) -> None:
            async with real_api.database.write() as session:
                await session.execute(select(User.id).where(User.id == first.user.id).with_for_update())
                await arrived.wait()
                await session.execute(select(User.id).where(User.id == second.user.id).with_for_update())

        outcomes = await asyncio.gather(lock(*people), lock(*reversed(people)), return_exceptions=True)

        [refused] = [outcome for outcome in outcomes if outcome is not None]
        assert getattr(refused, "status", None) == 503
