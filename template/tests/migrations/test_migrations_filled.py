"""Migrations of a database with rows lose no row."""

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.database import Database
from tests.fixtures.migrations import Copy, Migrations, constraints, rebuilt, rows

# If the database cannot alter a table in place, both rebuild each table.
ADD = """
for name in {tables}:
    with op.batch_alter_table(name) as batch_op:
        batch_op.add_column(sa.Column("of_a_test", sa.Boolean(), server_default=sa.false(), nullable=False))
"""
DROP = """
for name in {tables}:
    with op.batch_alter_table(name) as batch_op:
        batch_op.drop_column("of_a_test")
"""
# Changes that a project often makes first.
CHANGES = {
    "a column that may be empty": (
        'batch_op.alter_column("last_name", existing_type=sa.String(length=100), nullable=True)',
        'batch_op.alter_column("last_name", existing_type=sa.String(length=100), nullable=False)',
    ),
    "a column with a default": (
        'batch_op.add_column(sa.Column("points_of_a_test", sa.Integer(), server_default=sa.text("0"), nullable=False))',
        'batch_op.drop_column("points_of_a_test")',
    ),
    "a unique column": (
        'batch_op.add_column(sa.Column("nickname_of_a_test", sa.String(length=50), unique=True, nullable=True))',
        'batch_op.drop_column("nickname_of_a_test")',
    ),
}
WAYS = {
    "alembic": ("-m", "alembic", "upgrade", "head"),
    "init-db": ("cli.py", "init-db"),
    "run.py": ("-c", "import sys, uvicorn; uvicorn.run = lambda *_, **__: None; import run; run.main()", "--migrate"),
}


def in_users(operations: str) -> str:
    return f'with op.batch_alter_table("users") as batch_op:\n    {operations}'


def each_table(operations: str) -> str:
    return operations.format(tables=rebuilt())


# SQLAlchemy warns about indexes that it cannot read, such as one on an expression.
@pytest.mark.filterwarnings("ignore")
class TestRows:
    async def test_changing_each_table_loses_no_rows_and_no_constraints(
        self, filled: Database, migrations: Migrations
    ) -> None:
        before, declared = await rows(filled), await constraints(filled)
        assert before["users"]
        assert before["sessions"]
        migrations.write("of_a_test", each_table(ADD), each_table(DROP))

        await migrations.upgrade()
        assert await rows(filled) == before
        assert await constraints(filled) == declared

        await migrations.downgrade("-1")
        assert await rows(filled) == before
        assert await constraints(filled) == declared

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    async def test_changing_users_loses_no_rows(
        self, filled: Database, migrations: Migrations, change: tuple[str, str]
    ) -> None:
        before = await rows(filled)
        migrations.write("of_a_test", *map(in_users, change))

        await migrations.upgrade()
        assert await rows(filled) == before

        await migrations.downgrade("-1")
        assert await rows(filled) == before

    @pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
    async def test_every_command_that_migrates_loses_no_rows(
        self, filled: Database, project_copy: Copy, way: tuple[str, ...]
    ) -> None:
        before = await rows(filled)
        project_copy.write("of_a_test", each_table(ADD), each_table(DROP))

        ended = await project_copy.succeed(*way)

        assert re.search("Running upgrade .*of_a_test", ended.stdout + ended.stderr)
        assert await rows(filled) == before
        async with filled.read() as session:
            assert set(await session.scalars(text("SELECT of_a_test FROM users"))) == {False}

    async def test_foreign_keys_still_cascade_after_a_migration(self, filled: Database, migrations: Migrations) -> None:
        """Only the migration itself runs without foreign keys."""
        migrations.write("of_a_test", each_table(ADD))
        await migrations.upgrade()

        async with filled.write() as session:
            await session.execute(text("DELETE FROM users"))
            await session.commit()

        assert (await rows(filled))["sessions"] == []


class TestFailedMigration:
    async def test_a_failed_migration_changes_nothing(self, filled: Database, migrations: Migrations) -> None:
        before = await rows(filled)
        migrations.write("of_a_test", f"{each_table(ADD)}\nnonsense()")

        with pytest.raises(NameError):
            await migrations.upgrade()

        assert await rows(filled) == before
        async with filled.reading.connect() as connection:
            with pytest.raises(DBAPIError, match="of_a_test"):
                await connection.execute(text("SELECT of_a_test FROM users"))


@pytest.mark.slow
class TestErrorMessage:
    @pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
    async def test_every_command_reports_an_sql_error_in_one_line(
        self, project_copy: Copy, way: tuple[str, ...]
    ) -> None:
        """The line is the driver's message, not SQLAlchemy's, which contains the statement."""
        project_copy.write("of_a_test", 'op.execute("SELECT no_such_column FROM users")')

        ended = await project_copy.run(*way)

        assert ended.returncode != 0
        assert "Traceback" not in ended.stderr
        (line,) = [line for line in ended.stderr.splitlines() if "no_such_column" in line]
        assert len(line) < 200
        assert "SELECT" not in ended.stdout + ended.stderr

    @pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
    async def test_every_command_reports_a_second_head(self, project_copy: Copy, way: tuple[str, ...]) -> None:
        project_copy.write("of_a_test", "pass")
        first = project_copy.folder / "migrations/versions/of_a_test.py"
        text = first.read_text("utf-8").replace("revision = 'of_a_test'", "revision = 'of_somebody_else'")
        first.with_name("of_somebody_else.py").write_text(text, "utf-8")

        ended = await project_copy.run(*way)

        assert ended.returncode != 0
        assert "Traceback" not in ended.stderr
        (line,) = [line for line in ended.stderr.splitlines() if "head" in line]
        assert "of_a_test, of_somebody_else" in line
        assert "alembic merge heads" in line

    async def test_an_error_in_python_shows_a_traceback(self, project_copy: Copy) -> None:
        project_copy.write("of_a_test", "nonsense()")

        ended = await project_copy.run(*WAYS["alembic"])

        assert "Traceback" in ended.stderr
        assert "of_a_test.py" in ended.stderr
