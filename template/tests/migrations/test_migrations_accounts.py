"""The migration that brings roles, on a database that is in use."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.db.database import Database
from app.db.migrations import FOLDER
from tests.databases import Server
from tests.fixtures.migrations import Migrations
from tests.fixtures.settings import MakeSettings

BEFORE = "0001_users_and_sessions"
AFTER = "0003_accounts"
if not (FOLDER / f"versions/{AFTER}.py").exists():
    pytest.skip("this migration was replaced", allow_module_level=True)

USER = text(
    "INSERT INTO users (id, public_id, email, password_hash, first_name, last_name, is_active, auth_epoch,"
    " created_at, updated_at) VALUES (:id, :public_id, :email, 'x', :first_name, :last_name, :is_active, 0,"
    " CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
)
NAMES = [("École", "STRAUẞ"), ("İpek", "O'Neil"), ("Ada", "Lovelace"), ("e\u0301", "Ж")]


async def test_existing_users_get_the_role_of_users_and_are_found_by_name(
    server: Server, make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = make_settings(database_url=await server.create())
    migrations, database = Migrations(settings, tmp_path), Database(settings)
    await migrations.upgrade(BEFORE)
    async with database.writing.begin() as connection:
        for number, names in enumerate(NAMES, 1):
            await connection.execute(USER, _values(number, *names))

    await migrations.upgrade(AFTER)

    async with database.reading.connect() as connection:
        found = (await connection.execute(text("SELECT * FROM users ORDER BY id"))).all()
    assert [(user.role, user.email_verified_at) for user in found] == [("user", None)] * len(NAMES)
    assert [user.first_name for user in found] == [first for first, _ in NAMES]
    assert [user.first_name_folded for user in found] == ["école", "i\u0307pek", "ada", "é"]
    assert [user.last_name_folded for user in found] == ["strauss", "o'neil", "lovelace", "ж"]

    await migrations.downgrade(BEFORE)
    await migrations.upgrade()
    async with database.reading.connect() as connection:
        again = (await connection.execute(text("SELECT id, first_name_folded FROM users ORDER BY id"))).all()
    assert [user.first_name_folded for user in again] == ["école", "i\u0307pek", "ada", "é"]
    await database.close()


def _values(number: int, first_name: str, last_name: str) -> dict[str, Any]:
    return {
        "id": number,
        "public_id": f"{number:032x}",
        "email": f"person{number}@example.com",
        "first_name": first_name,
        "last_name": last_name,
        "is_active": True,
    }
