"""Migrations create the tables of the models, and can be undone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect

from app import models
from app.core.config import Settings
from app.core.discovery import modules_of
from app.db.base import Base
from app.db.database import Database
from app.db.migrations import FOLDER, configuration, upgrade
from migrations.autogenerate import PLUGINS
from tests.databases import Server
from tests.fixtures.migrations import Migrations
from tests.fixtures.settings import VALUES, MakeSettings

ALEMBIC_INI = FOLDER.with_name("alembic.ini")
SCRIPTS = ScriptDirectory(str(FOLDER))
# Without merge revisions of `alembic merge heads`, which change nothing.
STEPS = [script for script in SCRIPTS.walk_revisions() if not script.is_merge_point][::-1]


@pytest.fixture
async def empty(server: Server, make_settings: MakeSettings) -> Settings:
    """Settings with an empty database."""
    return make_settings(database_url=await server.create())


@pytest.fixture
async def database(empty: Settings) -> AsyncIterator[Database]:
    opened = Database(empty)
    yield opened
    await opened.close()


@pytest.fixture
def migrations(empty: Settings, tmp_path: Path) -> Migrations:
    return Migrations(empty, tmp_path)


async def run(database: Database, work: Callable[[Connection], Any]) -> Any:
    async with database.writing.begin() as connection:
        return await connection.run_sync(work)


async def tables(database: Database) -> set[str]:
    names: list[str] = await run(database, lambda connection: inspect(connection).get_table_names())
    return set(names) - {"alembic_version"}


class TestMigrations:
    def test_migrations_have_one_head(self) -> None:
        assert len(SCRIPTS.get_heads()) == 1

    async def test_migrated_tables_equal_the_models(self, database: Database, migrations: Migrations) -> None:
        modules_of(models)
        await migrations.upgrade()

        assert await tables(database) == set(Base.metadata.tables)
        assert await run(database, _differences) == []

    async def test_each_migration_goes_up_down_and_up(self, database: Database, migrations: Migrations) -> None:
        current = "base"
        for step in STEPS:
            parent = str(step.down_revision or "base")
            if parent != current:
                await _begin_line(migrations, parent)
            before = await tables(database)
            await migrations.upgrade(step.revision)
            after = await tables(database)
            await migrations.downgrade(parent)
            assert await tables(database) == before
            await migrations.upgrade(step.revision)
            assert await tables(database) == after
            current = step.revision

    async def test_all_migrations_can_be_undone(self, database: Database, migrations: Migrations) -> None:
        await migrations.upgrade()

        await migrations.downgrade("base")

        assert await tables(database) == set()

    async def test_alembic_check_finds_no_differences(self, migrations: Migrations) -> None:
        await migrations.upgrade()

        await migrations.check()

    async def test_upgrade_returns_the_applied_revisions(self, empty: Settings) -> None:
        newest = SCRIPTS.get_current_head()

        assert (await asyncio.to_thread(upgrade, empty))[-1] == newest
        assert await asyncio.to_thread(upgrade, empty) == []

    async def test_alembic_uses_the_database_url_of_the_environment(
        self, empty: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in {**VALUES, "database_url": empty.database_url.get_secret_value()}.items():
            monkeypatch.setenv(name.upper(), str(value))

        await asyncio.to_thread(command.upgrade, Config(ALEMBIC_INI), "head")

        assert await tables(database) == set(Base.metadata.tables)

    async def test_alembic_reports_invalid_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ENVIRONMENT", "production")

        with pytest.raises(CommandError, match=r"^Configuration error: .*SECRET_KEY"):
            await asyncio.to_thread(command.upgrade, Config(ALEMBIC_INI), "head")

    async def test_an_unreachable_database_is_reported(self, server: Server, make_settings: MakeSettings) -> None:
        away = make_settings(database_url=server.unreachable())

        with pytest.raises(CommandError, match="cannot be reached"):
            await asyncio.to_thread(upgrade, away)

    async def test_offline_mode_writes_sql_without_a_database(
        self, server: Server, make_settings: MakeSettings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        away = configuration(make_settings(database_url=server.unreachable()))

        await asyncio.to_thread(command.upgrade, away, "0001_users_and_sessions", sql=True)

        written = capsys.readouterr().out
        assert written.count("BEGIN;") == written.count("COMMIT;") == 1
        for table in ("users", "sessions"):
            assert f"CREATE TABLE {table} (" in written


async def _begin_line(migrations: Migrations, revision: str) -> None:
    """Go to the parent of a migration that is on another branch than the migration before."""
    await migrations.downgrade("base")
    if revision != "base":
        await migrations.upgrade(revision)


def _differences(connection: Connection) -> Any:
    options = {"compare_server_default": True, "autogenerate_plugins": PLUGINS}
    return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
