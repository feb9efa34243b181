"""What only SQLite does: one file, one writer at a time."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack, closing
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.db.dialects import sqlite
from app.models.users import User
from tests import expect
from tests.factories.users import Person, registration, signed_in
from tests.fixtures.applications import Api, start
from tests.fixtures.settings import MakeSettings


def path_of(api: Api) -> str:
    return str(make_url(api.settings.database_url.get_secret_value()).database)


@pytest.fixture
async def impatient_api(
    make_settings: MakeSettings, own_database_url: str, stack: AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> Api:
    """Waits for locks and connections for a moment only."""
    for options in (sqlite.READ_OPTIONS, sqlite.WRITE_OPTIONS):
        monkeypatch.setitem(options, "pool_timeout", 0.05)
        monkeypatch.setitem(options, "connect_args", {"timeout": 0.05})
    return await start(make_settings(database_url=own_database_url), stack)


class TestConnections:
    async def test_of_writers_keep_foreign_keys_and_a_log(self, real_api: Api) -> None:
        async with real_api.database.write() as session:
            pragmas = [
                (await session.execute(text(f"PRAGMA {name}"))).scalar() for name in ("foreign_keys", "journal_mode")
            ]

        assert pragmas == [1, "wal"]

    async def test_of_readers_cannot_write(self, real_api: Api) -> None:
        with pytest.raises(OperationalError, match="readonly"):
            async with real_api.database.read() as session:
                await session.execute(text("DELETE FROM users"))

    async def test_of_writers_take_the_lock_at_once(self, real_api: Api) -> None:
        began: list[str] = []

        @event.listens_for(real_api.database.writing.sync_engine, "before_cursor_execute")
        def remember(*arguments: Any) -> None:
            began.append(arguments[2])

        async with real_api.database.write() as session:
            await session.execute(select(User.id))

        assert began[0] == "BEGIN IMMEDIATE"


class TestLocks:
    async def test_of_other_processes_are_a_503(self, impatient_api: Api) -> None:
        ada = await signed_in(impatient_api)
        with closing(sqlite3.connect(path_of(impatient_api), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")

            refused = await ada.http.patch("/api/v1/users/me", json={"first_name": "Augusta"})
            readable = await ada.is_signed_in()
            other.execute("ROLLBACK")

        expect.problem(refused, 503, "database_unavailable")
        assert refused.headers["retry-after"]
        assert readable
        assert (await ada.http.patch("/api/v1/users/me", json={"first_name": "Augusta"})).status_code == 200

    async def test_of_this_process_are_a_queue(self, real_api: Api, real_ada: Person) -> None:
        client = await real_api.client()

        bodies = [registration() for _ in range(30)]
        answers = await asyncio.gather(*(client.post("/api/v1/auth/register", json=body) for body in bodies))

        assert {answer.status_code for answer in answers} == {201}
        assert await real_ada.is_signed_in()

    async def test_a_queue_that_is_too_long_is_a_503(self, impatient_api: Api) -> None:
        client = await impatient_api.client()
        async with impatient_api.database.write() as session:
            await session.execute(select(func.count(User.id)))

            refused = await client.post("/api/v1/auth/register", json=registration())

        expect.problem(refused, 503, "database_unavailable")
        assert (await client.post("/api/v1/auth/register", json=registration())).status_code == 201
