"""What only PostgreSQL does: a server that can go away, hang and be full."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import func, select, text

from app.core.config import ConfigurationError
from app.db.database import Database
from app.db.dialects import postgresql
from app.models.users import User
from tests import expect
from tests.factories.users import PASSWORD, Person, registration, signed_in
from tests.fixtures.applications import Api, start
from tests.fixtures.settings import MakeSettings

KILL_OTHERS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def two_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each kind."""
    for options in (postgresql.READ_OPTIONS, postgresql.WRITE_OPTIONS):
        for name, value in {"pool_size": 2, "max_overflow": 0}.items():
            monkeypatch.setitem(options, name, value)


@pytest.fixture
async def impatient_api(
    two_connections: None,  # noqa: ARG001
    make_settings: MakeSettings,
    own_database_url: str,
    stack: AsyncExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> Api:
    """Has two connections of each kind, and waits for one for a moment only."""
    for options in (postgresql.READ_OPTIONS, postgresql.WRITE_OPTIONS):
        monkeypatch.setitem(options, "pool_timeout", 0.1)
    return await start(make_settings(database_url=own_database_url), stack)


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """Somebody who accepts connections and never says a word."""
    connected: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: connected.append(writer), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    for writer in connected:
        writer.close()
    server.close()


class TestRestart:
    async def test_costs_one_request_at_most(self, real_api: Api, real_ada: Person) -> None:
        await asyncio.gather(*(real_ada.is_signed_in() for _ in range(8)))
        killer = await start(real_api.settings, real_api.stack)
        async with killer.database.read() as session:
            killed = (await session.execute(KILL_OTHERS)).scalar_one()

        first = await real_ada.http.get("/api/v1/users/me")

        assert killed >= 2
        assert first.status_code in {200, 503}
        if first.status_code == 503:
            expect.problem(first, 503, "database_unavailable")
        assert [await real_ada.is_signed_in() for _ in range(8)] == [True] * 8
        changed = await real_ada.http.patch("/api/v1/users/me", json={"first_name": "Augusta"})
        assert changed.status_code in {200, 503}
        assert (await real_ada.http.patch("/api/v1/users/me", json={"first_name": "Augusta"})).status_code == 200


class TestPrimaryThatIsOneNoMore:
    async def test_is_a_503_for_who_writes(self, real_api: Api, real_ada: Person) -> None:
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


class TestAddress:
    @pytest.mark.parametrize("parameter", ["sslmode=require", "pool_size=5"])
    def test_with_a_parameter_of_another_driver_is_refused(self, make_settings: MakeSettings, parameter: str) -> None:
        """It would be found out by the first request, and answered with a 500."""
        with pytest.raises(ConfigurationError, match="DATABASE_URL: has a parameter"):
            Database(make_settings(database_url=f"postgresql+asyncpg://app@localhost/app?{parameter}"))


class TestSilence:
    async def test_turns_readiness_red_within_two_seconds(
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
    async def test_is_a_503_and_ends(self, impatient_api: Api) -> None:
        client = await impatient_api.client()
        async with AsyncExitStack() as held:
            for _ in range(2):
                session = await held.enter_async_context(impatient_api.database.write())
                await session.execute(select(func.count(User.id)))

            refused = await client.post("/api/v1/auth/register", json=registration())

        expect.problem(refused, 503, "database_unavailable")
        assert refused.headers["retry-after"]
        assert (await client.post("/api/v1/auth/register", json=registration())).status_code == 201


class TestHashing:
    async def test_holds_no_connection(self, two_connections: None, real_api: Api) -> None:  # noqa: ARG002
        """Or whoever waits for a hash would keep others from the database."""
        ada, bob = await signed_in(real_api), await signed_in(real_api)
        limiter = real_api.components.security.passwords._limiter  # noqa: SLF001  while it lets nobody in, nobody hashes
        tokens, limiter.total_tokens = limiter.total_tokens, 0
        login = {"email": ada.email, "password": PASSWORD}
        waiting = asyncio.gather(
            *(ada.http.post("/api/v1/auth/login", json=login) for _ in range(2)),
            *(ada.http.post("/api/v1/auth/reauthenticate", json={"password": PASSWORD}) for _ in range(2)),
            *(ada.http.post("/api/v1/auth/register", json=registration()) for _ in range(2)),
        )
        async with asyncio.timeout(30):
            while limiter.statistics().tasks_waiting < 6:  # noqa: ASYNC110  the library tells nobody
                await asyncio.sleep(0.01)

        others = [await bob.http.get("/api/v1/users/me"), await bob.http.patch("/api/v1/users/me", json={})]

        limiter.total_tokens = tokens
        assert [answer.status_code for answer in await waiting] == [200, 200, 204, 204, 201, 201]
        assert [answer.status_code for answer in others] == [200, 200]


class TestDeadlock:
    async def test_ends_one_of_two_with_a_503(self, real_api: Api) -> None:
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
