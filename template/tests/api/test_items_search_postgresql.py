"""PostgreSQL uses its index for searches."""

from typing import Any

from sqlalchemy import event, text

from app.core.pagination import PageQuery
from app.repositories.items import ItemQueries
from tests.factories.users import Person
from tests.fixtures.applications import Api

MANY = text(
    "INSERT INTO items (public_id, owner_id, name, search_text, status, version, created_at, updated_at) "
    "SELECT gen_random_uuid(), :owner, 'x', repeat(md5(n::text), 10), 'active', 1, now(), now() "
    "FROM generate_series(1, 5000) AS n"
)


async def plan(api: Api, sought: str) -> str:
    """The plan of the database for a search: of the same statement, with the same parameters."""
    async with api.database.read_rows() as connection:
        sent: list[tuple[str, Any]] = []
        event.listen(
            connection.sync_connection,
            "before_cursor_execute",
            lambda *call: sent.append((call[2], call[3])),
            once=True,
        )
        await ItemQueries(connection, api.components.cursors).containing(sought, PageQuery())
        [(statement, parameters)] = sent
        return "\n".join(row[0] for row in await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))


class TestIndex:
    async def test_a_search_for_a_rare_text_uses_the_index(self, api: Api, ada: Person) -> None:
        async with api.database.write() as session:
            await session.execute(MANY, {"owner": ada.user.id})
            await session.execute(text("ANALYZE items"))
            await session.commit()

        assert "ix_items_search_text" in await plan(api, "telescope")

    async def test_the_index_has_trigrams(self, api: Api) -> None:
        async with api.database.read() as session:
            found = await session.execute(text("SELECT pg_get_indexdef('ix_items_search_text'::regclass)"))

        assert "USING gin (search_text gin_trgm_ops)" in str(found.scalar_one())
