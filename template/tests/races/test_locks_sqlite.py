"""SQLite allows one writer at a time."""

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

SYNCHRONOUS_FULL = 2


def path_of(api: Api) -> str:
    return str(make_url(api.settings.database_url.get_secret_value()).database)


@pytest.fixture
async def impatient_api(
    make_settings: MakeSettings, own_database_url: str, stack: AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> Api:
    """An application that waits only briefly for locks and connections."""
    monkeypatch.setattr(sqlite, "QUEUE_SECONDS", 0.05)
    return await start(make_settings(database_url=f"{own_database_url}?timeout=0.05"), stack)


class TestConnections:
    async def test_write_connections_enforce_foreign_keys_and_lose_no_commit(self, real_api: Api) -> None:
        expected = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": SYNCHRONOUS_FULL}

        async with real_api.database.write() as session:
            found = {name: await session.scalar(text(f"PRAGMA {name}")) for name in expected}

        assert found == expected

    async def test_read_connections_cannot_write(self, real_api: Api) -> None:
        with pytest.raises(OperationalError, match="readonly"):
            async with real_api.database.read() as session:
                await session.execute(text("DELETE FROM users"))

    async def test_a_write_transaction_takes_the_lock_when_it_begins(self, real_api: Api) -> None:
        began: list[str] = []

        @event.listens_for(real_api.database.writing.sync_engine, "before_cursor_execute")
        def remember(*arguments: Any) -> None:
            began.append(arguments[2])

        async with real_api.database.write() as session:
            await session.execute(select(User.id))

        assert began[0] == "BEGIN IMMEDIATE"


class TestLock:
    async def test_a_lock_of_another_process_is_503(self, impatient_api: Api) -> None:
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

    async def test_writes_wait_for_other_writes_of_this_process(self, real_api: Api, real_ada: Person) -> None:
        client = await real_api.client()

        bodies = [registration() for _ in range(30)]
        answers = await asyncio.gather(*(client.post("/api/v1/auth/register", json=body) for body in bodies))

        assert {answer.status_code for answer in answers} == {201}
        assert await real_ada.is_signed_in()

    async def test_a_lock_that_is_held_too_long_is_503(self, impatient_api: Api) -> None:
        client = await impatient_api.client()
        async with impatient_api.database.write() as session:
            await session.execute(select(func.count(User.id)))

            refused = await client.post("/api/v1/auth/register", json=registration())

        expect.problem(refused, 503, "database_unavailable")
        assert (await client.post("/api/v1/auth/register", json=registration())).status_code == 201
