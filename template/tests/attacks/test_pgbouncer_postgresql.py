"""The application behind PgBouncer, which gives each transaction another connection to the server."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from socket import socket

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from app.core.config import Settings
from app.db.migrations import upgrade
from tests.databases import Server
from tests.factories.users import PASSWORD, Person, registration, signed_in
from tests.fixtures.settings import VALUES
from tests.fixtures.targets import Serve
from tests.targets import Output, Target

# Debian installs it in /usr/sbin, which is only in root's PATH.
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")

pytestmark = [
    pytest.mark.attack,
    pytest.mark.slow,
    pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed"),
]

ME = "/api/v1/users/me"
CLIENTS = 32
ROUNDS = 7
SERVER_CONNECTIONS = 3
COUNT = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pooled'")


class PgBouncer:
    """A real PgBouncer in transaction mode. It has fewer connections to the server than the application has to it."""

    def __init__(self, folder: Path, database: URL) -> None:
        self.folder = folder
        self.database = database
        self.host = str(database.host or database.query["host"])
        # PgBouncer refuses to run as root, and only the owner can read the folder of a socket.
        owner = Path(self.host).owner() if Path(self.host).is_dir() else "nobody"
        self.user = ["--user", owner] if os.geteuid() == 0 else []
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def url(self, name: str | None) -> str:
        """The URL of a database behind PgBouncer."""
        url = URL.create("postgresql", self.database.username, None, "127.0.0.1", self.port, name)
        return url.render_as_string(hide_password=False)

    async def start(self) -> None:
        users = self.folder / "users"
        users.write_text(f'"{self.database.username}" "{self.database.password or ""}"\n')
        options = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "trust",
            "auth_file": users,
            "pool_mode": "transaction",
            "default_pool_size": SERVER_CONNECTIONS,
            # Without this, a transaction that need not wait nearly always gets the same connection again.
            "server_round_robin": 1,
        }
        lines = [f"{name} = {value}" for name, value in options.items()]
        databases = f"* = host={self.host} port={self.database.port or 5432}"
        config = self.folder / "pgbouncer.ini"
        config.write_text("\n".join(["[databases]", databases, "[pgbouncer]", *lines, ""]))
        self.process = await asyncio.create_subprocess_exec(
            str(PGBOUNCER), *self.user, str(config), stderr=asyncio.subprocess.PIPE
        )
        assert self.process.stderr
        self.output = Output()
        self.collecting = asyncio.create_task(self.output.collect(self.process.stderr))
        await self.output.has("process up")

    async def stop(self) -> None:
        self.process.kill()
        await self.process.wait()
        await self.collecting


@pytest.fixture
async def pgbouncer(tmp_path: Path, pristine_url: str) -> AsyncIterator[PgBouncer]:
    started = PgBouncer(tmp_path, make_url(pristine_url))
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def target(serve: Serve, pgbouncer: PgBouncer, own_database_url: str) -> Target:
    url = pgbouncer.url(make_url(own_database_url).database)
    # Two processes, because the driver gives statements names that are unique in one process only.
    return await serve(served_database_url=f"{url}?application_name=pooled", database_pgbouncer="true", workers=2)


async def work(person: Person) -> set[int]:
    """Read, write, sign in and refresh, several times."""
    statuses: set[int] = set()
    login = {"email": person.email, "password": PASSWORD}
    for number in range(ROUNDS):
        answers = [
            await person.http.get(ME),
            await person.http.patch(ME, json={"first_name": f"Ada {number}"}),
            await person.http.post("/api/v1/auth/login", json=login),
            await person.refresh(),
        ]
        person.take(answers[-1].json())
        statuses |= {answer.status_code for answer in answers}
    return statuses


class TestPooler:
    async def test_all_requests_succeed_behind_pgbouncer(self, target: Target) -> None:
        people = [await signed_in(target) for _ in range(CLIENTS)]

        statuses = await asyncio.gather(*map(work, people))

        assert set().union(*statuses) == {200}
        body = registration()
        assert (await people[0].http.post("/api/v1/auth/register", json=body)).status_code == 201
        assert (await people[0].http.post("/api/v1/auth/register", json=body)).status_code == 409
        async with target.database.read() as session:
            assert 1 <= (await session.execute(COUNT)).scalar_one() <= SERVER_CONNECTIONS

    async def test_migrations_run_behind_pgbouncer(
        self, pgbouncer: PgBouncer, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_PGBOUNCER", "true")
        url = pgbouncer.url(make_url(await server.create()).database)

        applied = await asyncio.to_thread(upgrade, Settings(**{**VALUES, "database_url": url}))

        assert applied
