"""
Fill a database: `python seed.py URL USERS ITEMS SESSIONS`, with the Python of the project, which has the driver.

The first row of each table was made through the API. It is copied, so only columns that must differ are listed here.
Prints an item of each user as JSON.
"""

import asyncio
import json
import sys
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

NEW_UUID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}
NAME = "'Item number ' || n"
# Ten items have the rare word. The number at the end gives every item different trigrams.
DESCRIPTION = """
CASE WHEN n % (:items / 10) = 0 THEN 'A rare zanzibar, ' ELSE 'A frequent thing, ' END || (n * 2654435761 % 4294967296)
"""
# Users begin with the second row. Each has 20 active sessions. All other sessions have ended.
OWNER = "2 + n % :users"
COLUMNS = {
    "users": {"public_id": "new_uuid", "email": "'user' || n || '@example.com'"},
    "sessions": {
        "public_id": "new_uuid",
        "user_id": OWNER,
        "revoked_at": "CASE WHEN n > 20 * :users THEN original.created_at END",
    },
    "items": {
        "public_id": "new_uuid",
        "owner_id": OWNER,
        "name": NAME,
        "description": DESCRIPTION,
        "search_text": f"lower({NAME} || '\n' || {DESCRIPTION})",
    },
}
COPY = """
INSERT INTO {table} ({names})
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :{table})
SELECT {values} FROM numbers, (SELECT * FROM {table} ORDER BY id LIMIT 1) AS original
"""
OWNED = """
SELECT users.email, items.public_id FROM items JOIN users ON users.id = items.owner_id
WHERE items.id BETWEEN 2 AND :users + 1 ORDER BY items.id
"""


def copy(connection: Connection, table: str, rows: dict[str, int]) -> None:
    """Copy the first row of a table many times."""
    names = [column["name"] for column in inspect(connection).get_columns(table) if column["name"] != "id"]
    differing = {name: f"({value})" for name, value in COLUMNS[table].items()}
    values = ", ".join(differing.get(name, f"original.{name}") for name in names)
    statement = COPY.format(table=table, names=", ".join(names), values=values)
    statement = statement.replace("new_uuid", NEW_UUID[connection.dialect.name])
    connection.execute(text(statement), {name: rows[name] for name in rows if f":{name}" in statement})


async def seed(url: str, rows: dict[str, int]) -> list[Any]:
    """Fill every table, and return an item of each user."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        for table in COLUMNS:
            await connection.run_sync(copy, table, rows)
    if engine.dialect.name == "postgresql":
        # The server would do this by itself soon.
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text("VACUUM ANALYZE"))
    async with engine.connect() as connection:
        owned = (await connection.execute(text(OWNED), {"users": rows["users"]})).all()
    await engine.dispose()
    return [(email, str(UUID(str(public_id)))) for email, public_id in owned]


if __name__ == "__main__":
    url, users, items, sessions = sys.argv[1:]
    counts = {"users": int(users), "items": int(items), "sessions": int(sessions)}
    json.dump(asyncio.run(seed(url, counts)), sys.stdout)
