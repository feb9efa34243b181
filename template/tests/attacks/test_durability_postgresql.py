"""A write is stored before its response is sent, even if the database server is killed right after."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core.config import Settings
from app.db.migrations import upgrade
from tests.attacks.writers import ROUNDS, RecordProperty, write_while_killed
from tests.databases.postgresql import Crashable, serve_crashable
from tests.fixtures.settings import VALUES
from tests.targets import Target, serving

pytestmark = [
    pytest.mark.attack,
    pytest.mark.slow,
    pytest.mark.skipif("TEST_DATABASE_URL" in os.environ, reason="the server of TEST_DATABASE_URL must not be killed"),
]


@pytest.fixture
async def crashing(tmp_path: Path) -> AsyncIterator[tuple[Crashable, Target]]:
    async with serve_crashable() as (databases, crashable):
        url = await databases.create()
        await asyncio.to_thread(upgrade, Settings(**{**VALUES, "database_url": url}))
        async with serving(url, tmp_path, jwt_refresh_token_grace_seconds=60) as target:
            yield crashable, target


class TestKilledDatabaseServer:
    async def test_a_killed_database_server_loses_no_acknowledged_write_and_no_session(
        self, crashing: tuple[Crashable, Target], record_property: RecordProperty
    ) -> None:
        crashable, target = crashing

        async def start(target: Target) -> Target:
            await crashable.start()
            return target

        total = await write_while_killed(target, lambda _: crashable.kill(), start)

        record_property("acknowledged", total)
        assert total > ROUNDS
