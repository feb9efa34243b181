"""Migrations make the tables of the models, and can be undone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from app import models
from app.core.discovery import modules_of
from app.db.base import Base
from app.db.database import Database
from tests.databases import Server
from tests.fixtures.databases import ALEMBIC_INI
from tests.fixtures.settings import VALUES, MakeSettings

SCRIPTS = ScriptDirectory.from_config(Config(ALEMBIC_INI))
# What `alembic merge heads` writes is left out: it joins two lines and changes nothing.
STEPS = [script for script in SCRIPTS.walk_revisions() if not script.is_merge_point][::-1]


@pytest.fixture
async def database(server: Server, make_settings: MakeSettings) -> AsyncIterator[Database]:
    """An empty one."""
    opened = Database(make_settings(database_url=await server.create()))
    yield opened
    await opened.close()


async def run(database: Database, work: Callable[[Connection], Any]) -> Any:
    async with database.writing.begin() as connection:
        return await connection.run_sync(work)


async def upgrade(database: Database, revision: str) -> None:
    await run(database, lambda connection: command.upgrade(_config(connection), revision))


async def downgrade(database: Database, revision: str) -> None:
    await run(database, lambda connection: command.downgrade(_config(connection), revision))


async def tables(database: Database) -> set[str]:
    names: list[str] = await run(database, lambda connection: inspect(connection).get_table_names())
    return set(names) - {"alembic_version"}


class TestMigrations:
    def test_have_one_head(self) -> None:
        assert len(SCRIPTS.get_heads()) == 1

    async def test_make_what_the_models_say(self, database: Database) -> None:
        modules_of(models)
        await upgrade(database, "head")

        assert await tables(database) == set(Base.metadata.tables)
        assert await run(database, _differences) == []

    async def test_go_up_down_and_up_step_by_step(self, database: Database) -> None:
        current = "base"
        for step in STEPS:
            parent = str(step.down_revision or "base")
            if parent != current:
                await _begin_line(database, parent)
            before = await tables(database)
            await upgrade(database, step.revision)
            after = await tables(database)
            await downgrade(database, parent)
            assert await tables(database) == before
            await upgrade(database, step.revision)
            assert await tables(database) == after
            current = step.revision

    async def test_go_all_the_way_down(self, database: Database) -> None:
        await upgrade(database, "head")

        await downgrade(database, "base")

        assert await tables(database) == set()

    async def test_run_on_the_database_of_the_settings(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {**VALUES, "database_url": await server.create()}.items():
            monkeypatch.setenv(name.upper(), str(value))
        config = Config(ALEMBIC_INI)

        # In a thread, because each command runs an event loop of its own, as on the command line.
        await asyncio.to_thread(command.upgrade, config, "head")
        await asyncio.to_thread(command.check, config)
        await asyncio.to_thread(command.downgrade, config, "base")
        await asyncio.to_thread(command.upgrade, config, "head")
        await asyncio.to_thread(command.check, config)

    async def test_need_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ENVIRONMENT", "production")

        with pytest.raises(SystemExit, match="SECRET_KEY"):
            await asyncio.to_thread(command.upgrade, Config(ALEMBIC_INI), "head")


async def _begin_line(database: Database, revision: str) -> None:
    """From a revision that two migrations continue, or that the one before is no part of."""
    await downgrade(database, "base")
    if revision != "base":
        await upgrade(database, revision)


def _config(connection: Connection) -> Config:
    return Config(ALEMBIC_INI, attributes={"connection": connection})


def _differences(connection: Connection) -> Any:
    options = {"compare_type": True, "compare_server_default": True}
    return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
