"""The migration that replaces an index of sessions, on a database that is in use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db.database import Database
from app.db.migrations import FOLDER
from tests.databases import Server
from tests.fixtures.migrations import Migrations, constraints
from tests.fixtures.settings import MakeSettings

BEFORE = "0003_accounts"
AFTER = "0004_live_sessions"
if not (FOLDER / f"versions/{AFTER}.py").exists():
    pytest.skip("this migration was replaced", allow_module_level=True)

OLD, NEW = "ix_sessions_user_id_last_used_at", "ix_sessions_user_id_revoked_at"
USER = text(
    "INSERT INTO users (id, public_id, email, password_hash, first_name, last_name, created_at, updated_at)"
    " VALUES (1, :public_id, 'ada@example.com', 'x', 'Ada', 'Lovelace', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
)
SESSION = text(
    "INSERT INTO sessions (id, public_id, user_id, auth_epoch, generation, created_at, authenticated_at, last_used_at,"
    " expires_at, absolute_expires_at) VALUES (:id, :public_id, 1, 0, 0, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP,"
    " CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
)
REVOKE = text("UPDATE sessions SET revoked_at = CURRENT_TIMESTAMP WHERE id = 2")
BUILD = text("CREATE INDEX ix_sessions_user_id_revoked_at ON sessions (user_id, revoked_at)")


@pytest.fixture
async def migrations(server: Server, make_settings: MakeSettings, tmp_path: Path) -> Migrations:
    return Migrations(make_settings(database_url=await server.create()), tmp_path)


@pytest.fixture
async def database(migrations: Migrations) -> AsyncIterator[Database]:
    """A database of the release before, with rows."""
    await migrations.upgrade(BEFORE)
    opened = Database(migrations.settings)
    async with opened.writing.begin() as connection:
        await connection.execute(USER, {"public_id": f"{1:032x}"})
        await connection.execute(SESSION, [{"id": number, "public_id": f"{number:032x}"} for number in (1, 2, 3)])
        await connection.execute(REVOKE)
    yield opened
    await opened.close()


async def indexes(database: Database) -> list[str]:
    found: list[str] = (await constraints(database))["sessions"]["indexes"]
    return [name for name in found if name in {OLD, NEW}]


async def sessions(database: Database) -> list[str]:
    async with database.reading.connect() as connection:
        return [repr(row) for row in await connection.execute(text("SELECT * FROM sessions ORDER BY id"))]


async def test_the_index_is_replaced_and_no_session_is_lost(database: Database, migrations: Migrations) -> None:
    before = await sessions(database)
    assert len(before) == 3

    for move, revision, index in (
        (migrations.upgrade, AFTER, NEW),
        (migrations.downgrade, BEFORE, OLD),
        (migrations.upgrade, "head", NEW),
    ):
        await move(revision)
        assert await indexes(database) == [index]
        assert await sessions(database) == before


async def test_an_index_that_was_built_before_is_kept(database: Database, migrations: Migrations) -> None:
    async with database.writing.begin() as connection:
        await connection.execute(BUILD)

    await migrations.upgrade(AFTER)

    assert await indexes(database) == [NEW]
