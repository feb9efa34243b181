"""Migrations on SQLite: a change rebuilds the table, and drops the old table although others refer to it."""

import sqlite3
from contextlib import closing

import pytest
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.db.database import Database
from app.db.dialects import sqlite
from tests.fixtures.migrations import Migrations, constraints, rebuilt, rows

REBUILD = """
for name in {tables}:
    with op.batch_alter_table(name, recreate="always") as batch_op:
        {operation}
"""
ADD = 'batch_op.add_column(sa.Column("of_a_test", sa.Text(), nullable=True))'
DROP = 'batch_op.drop_column("of_a_test")'
REBUILD_USERS = REBUILD.format(tables=["users"], operation=ADD)
NO_USERS = 'op.execute("DELETE FROM users")'
VACUUM = 'with op.get_context().autocommit_block():\n    op.execute("VACUUM")'
DEFINITIONS = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")


async def numbered(database: Database) -> set[str]:
    """The tables with AUTOINCREMENT, which never use a key twice."""
    async with database.read() as session:
        return set(await session.scalars(DEFINITIONS))


async def execute(database: Database, *statements: str) -> None:
    async with database.write() as session:
        for statement in statements:
            await session.execute(text(statement))
        await session.commit()


# SQLAlchemy warns about indexes that it cannot read, such as one on an expression.
@pytest.mark.filterwarnings("ignore")
class TestRebuild:
    async def test_a_rebuild_keeps_rows_and_constraints_of_each_table(
        self, filled: Database, migrations: Migrations
    ) -> None:
        tables = rebuilt()
        before, declared, with_keys = await rows(filled), await constraints(filled), await numbered(filled)
        migrations.write(
            "of_a_test", *(REBUILD.format(tables=tables, operation=operation) for operation in (ADD, DROP))
        )

        for move in (migrations.upgrade("head"), migrations.downgrade("-1")):
            await move
            assert await rows(filled) == before
            assert await constraints(filled) == declared
            assert await numbered(filled) == with_keys

        assert declared["users"]["checks"]
        assert "users" in with_keys

    @pytest.mark.parametrize("left", ["WHERE id < (SELECT max(id) FROM users)", "WHERE false"], ids=["some", "none"])
    async def test_a_key_is_never_used_twice_after_a_rebuild(
        self, filled: Database, migrations: Migrations, left: str
    ) -> None:
        async with filled.read() as session:
            last = (await session.scalars(text("SELECT max(id) FROM users"))).one()
        others = f"DELETE FROM users WHERE id NOT IN (SELECT id FROM users {left})"  # noqa: S608
        await execute(filled, others)
        migrations.write("of_a_test", REBUILD_USERS)

        await migrations.upgrade()

        async with filled.read() as session:
            kept = text("SELECT seq FROM sqlite_sequence WHERE name = 'users'")
            assert (await session.scalars(kept)).one() == last


class TestBrokenReferences:
    async def test_broken_references_fail_the_migration_and_nothing_is_changed(
        self, filled: Database, migrations: Migrations
    ) -> None:
        before = await rows(filled)
        orphans = len(before["sessions"])
        migrations.write("of_a_test", f"{REBUILD_USERS}\n{NO_USERS}")

        with pytest.raises(CommandError, match=f"{orphans} in sessions refer to users"):
            await migrations.upgrade()

        assert await rows(filled) == before
        with pytest.raises(CommandError, match="not up to date"):
            await migrations.check()

    async def test_alembic_check_works_with_broken_references_made_by_others(
        self, filled: Database, migrations: Migrations
    ) -> None:
        path = make_url(migrations.settings.database_url.get_secret_value()).database
        with closing(sqlite3.connect(str(path))) as connection, connection:
            connection.execute("DELETE FROM users")
        assert (await rows(filled))["sessions"]

        await migrations.check()


class TestAutocommit:
    async def test_vacuum_can_run_and_foreign_keys_are_checked_afterwards(
        self, filled: Database, migrations: Migrations
    ) -> None:
        before = await rows(filled)
        migrations.write(
            "of_a_test",
            f"{VACUUM}\n{REBUILD_USERS}\n{NO_USERS}",
        )

        with pytest.raises(CommandError, match="refer to users"):
            await migrations.upgrade()

        assert await rows(filled) == before


class TestLock:
    async def test_a_database_in_use_is_reported(
        self, filled: Database, migrations: Migrations, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
        migrations.write("of_a_test", REBUILD_USERS)

        async with filled.writing.begin():
            with pytest.raises(CommandError, match=r"in use.* try again"):
                await migrations.upgrade()
