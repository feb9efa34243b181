"""Migrations on PostgreSQL: statements may be slow, but must not wait long for a lock, which blocks other queries."""

import pytest
from alembic.util import CommandError
from sqlalchemy import text

from app.db.database import Database
from app.db.dialects import postgresql
from tests.fixtures.migrations import Copy, Migrations, constraints, rows

ADD = 'op.add_column("users", sa.Column("of_a_test", sa.Text(), nullable=True))'
CONCURRENTLY = """
with op.get_context().autocommit_block():
    op.create_index("ix_of_a_test", "users", ["last_name"], postgresql_concurrently=True)
"""
UNINDEX = """
with op.get_context().autocommit_block():
    op.drop_index("ix_of_a_test", "users", postgresql_concurrently=True)
"""
WAIT = 'op.execute("SELECT pg_sleep({seconds})")'
LIMIT_STATEMENTS = text("""
    DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET statement_timeout = 200', current_database());
    END $$
""")
# Every server has this role, which may not create extensions.
FORBIDDEN = """
op.execute("DROP EXTENSION IF EXISTS pg_trgm CASCADE")
op.execute("SET LOCAL ROLE pg_monitor")
op.execute("CREATE EXTENSION pg_trgm")
"""


class TestAutocommit:
    async def test_indexes_can_be_created_concurrently(self, filled: Database, migrations: Migrations) -> None:
        before = await rows(filled)
        migrations.write("of_a_test", CONCURRENTLY + ADD, UNINDEX + 'op.drop_column("users", "of_a_test")')

        await migrations.upgrade()
        assert "ix_of_a_test" in (await constraints(filled))["users"]["indexes"]

        await migrations.downgrade("-1")
        assert "ix_of_a_test" not in (await constraints(filled))["users"]["indexes"]
        assert await rows(filled) == before

    async def test_indexes_can_be_created_concurrently_by_init_db(self, filled: Database, project_copy: Copy) -> None:
        project_copy.write("of_a_test", CONCURRENTLY)

        await project_copy.succeed("cli.py", "init-db")

        assert "ix_of_a_test" in (await constraints(filled))["users"]["indexes"]


class TestStatementTimeout:
    async def test_a_statement_timeout_of_the_database_is_ignored(
        self, filled: Database, migrations: Migrations
    ) -> None:
        """The timeout is for requests, not for migrations."""
        limit = "ALTER DATABASE %I SET statement_timeout = 200"
        limited = f"DO $$ BEGIN EXECUTE format('{limit}', current_database()); END $$"
        async with filled.write() as session:
            await session.execute(text(limited))
            await session.commit()
        wait = WAIT.format(seconds=0.5)
        migrations.write("of_a_test", f"{wait}\nwith op.get_context().autocommit_block():\n    {wait}")

        await migrations.upgrade()

    @pytest.mark.slow
    async def test_a_statement_may_take_longer_than_in_a_request(self, migrations: Migrations) -> None:
        migrations.write("of_a_test", WAIT.format(seconds=postgresql.STATEMENT_SECONDS + 2))

        await migrations.upgrade()


class TestLock:
    async def test_the_lock_timeout_is_five_seconds(self, migrations: Migrations) -> None:
        migrations.write("of_a_test", 'assert op.get_bind().scalar(text("SHOW lock_timeout")) == "5s"')

        await migrations.upgrade()

    async def test_a_table_in_use_is_reported_and_nothing_is_changed(
        self, filled: Database, migrations: Migrations, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgresql, "MIGRATION_LOCK_TIMEOUT", "100ms")
        migrations.write("of_a_test", ADD.replace("users", "sessions") + "\n" + ADD)

        async with filled.writing.begin() as connection:
            await connection.execute(text("LOCK TABLE users IN ACCESS SHARE MODE"))
            with pytest.raises(CommandError, match=r"in use.* try again"):
                await migrations.upgrade()

        async with filled.read() as session:
            named = text("SELECT count(*) FROM information_schema.columns WHERE column_name = 'of_a_test'")
            assert (await session.scalars(named)).one() == 0


class TestErrorMessage:
    async def test_the_message_is_that_of_the_server_with_its_hint(self, migrations: Migrations) -> None:
        migrations.write("of_a_test", FORBIDDEN)

        with pytest.raises(CommandError) as refused:
            await migrations.upgrade()

        line = str(refused.value)
        assert line.startswith('permission denied to create extension "pg_trgm". Must have CREATE privilege')
        assert "\n" not in line

    async def test_the_message_contains_no_values(self, filled: Database, migrations: Migrations) -> None:
        migrations.write("of_a_test", "op.execute(\"UPDATE users SET email = 'grace@example.com'\")")

        with pytest.raises(CommandError) as refused:
            await migrations.upgrade()

        assert "uq_users_email" in str(refused.value)
        assert "grace" not in str(refused.value)
        assert (await rows(filled))["users"]
