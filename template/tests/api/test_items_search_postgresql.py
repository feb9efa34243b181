"""How PostgreSQL searches."""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from app.repositories.items import ItemRepository
from tests.factories.users import Person
from tests.fixtures.applications import Api

MANY = text(
    "INSERT INTO items (public_id, owner_id, name, search_text, status, version, created_at, updated_at) "
    "SELECT gen_random_uuid(), :owner, 'x', repeat(md5(n::text), 10), 'active', 1, now(), now() "
    "FROM generate_series(1, 5000) AS n"
)


async def plan(api: Api, sought: str) -> str:
    """How the statement of a search is run."""
    async with api.database.write() as session:
        statement = ItemRepository(session).containing(sought)
        sql = statement.compile(dialect=PGDialect_asyncpg(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
        connection = await session.connection()
        return "\n".join(row[0] for row in await connection.exec_driver_sql(f"EXPLAIN {sql}"))


class TestIndex:
    async def test_serves_the_search_for_something_rare(self, api: Api, ada: Person) -> None:
        async with api.database.write() as session:
            await session.execute(MANY, {"owner": ada.user.id})
            await session.execute(text("SELECT gin_clean_pending_list('ix_items_search_text')"))
            await session.execute(text("ANALYZE items"))
            await session.commit()

        assert "ix_items_search_text" in await plan(api, "telescope")

    async def test_is_of_trigrams(self, api: Api) -> None:
        async with api.database.read() as session:
            found = await session.execute(text("SELECT pg_get_indexdef('ix_items_search_text'::regclass)"))

        assert "USING gin (search_text gin_trgm_ops)" in str(found.scalar_one())
