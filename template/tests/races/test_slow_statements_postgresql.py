"""Slow statements on a server that works."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.db.database import Database, DatabaseUnavailable
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings

pytestmark = pytest.mark.slow

SLOW = text("SELECT pg_sleep(60)")
PID = text("SELECT pg_backend_pid()")
SLEEPING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")


Work = Callable[[Database], Coroutine[Any, Any, None]]


async def read_slowly(database: Database) -> None:
    async with database.read() as session:
        await session.execute(SLOW)


async def write_slowly(database: Database) -> None:
    async with database.write() as session:
        await session.execute(SLOW)


async def pid_of(database: Database) -> int:
    async with database.read() as session:
        return int((await session.execute(PID)).scalar_one())


class TestSlowStatement:
    @pytest.mark.parametrize("work", [read_slowly, write_slowly])
    async def test_the_server_cancels_it_and_other_connections_are_not_affected(
        self, real_api: Api, work: Work
    ) -> None:
        database, began = real_api.database, time.monotonic()
        slow = asyncio.create_task(work(database))
        pid = await pid_of(database)

        async with database.write() as session:
            own_pid = (await session.execute(PID)).scalar_one()
            with pytest.raises(DatabaseUnavailable):
                await slow
            assert time.monotonic() - began < 6
            assert (await session.execute(PID)).scalar_one() == own_pid
            await session.commit()

        # The connection is still usable, and the server does not continue the cancelled statement.
        assert await pid_of(database) == pid
        async with database.read() as session:
            assert (await session.execute(SLEEPING)).scalar_one() == 0


class TestDatabaseUrlParameters:
    async def test_the_parameters_of_the_url_are_used(self, make_settings: MakeSettings, own_database_url: str) -> None:
        given = {
            "sslmode": "prefer",
            "connect_timeout": "10",
            "command_timeout": "300",
            "statement_cache_size": "0",
            "prepared_statement_cache_size": "0",
            "application_name": "shop",
        }
        url = make_url(own_database_url).update_query_dict(given).render_as_string(hide_password=False)
        database = Database(make_settings(database_url=url))

        async with database.read() as reading, database.write() as writing:
            for session in (reading, writing):
                assert (await session.execute(text("SHOW statement_timeout"))).scalar_one() == "5min"
                assert (await session.execute(text("SHOW application_name"))).scalar_one() == "shop"
        await database.close()
