"""How PostgreSQL finds accounts for administrators."""

import pytest
from sqlalchemy import text

from app.core.pagination import PageQuery
from app.models.users import Role
from app.repositories.users import UserQueries
from tests.fixtures.applications import Api
from tests.fixtures.plans import plan

MANY = text(
    "INSERT INTO users (public_id, email, password_hash, first_name, last_name, first_name_folded, last_name_folded,"
    " created_at, updated_at) SELECT gen_random_uuid(), md5(n::text) || '@example.com', 'x', 'x', 'x',"
    " md5(n::text), md5(n::text), now(), now() FROM generate_series(1, 5000) AS n"
)
COLLATIONS = text(
    "SELECT collname FROM pg_attribute JOIN pg_collation ON attcollation = pg_collation.oid"
    " WHERE attrelid = 'users'::regclass AND attname IN ('email', 'first_name_folded', 'last_name_folded')"
)


@pytest.fixture
async def crowd(api: Api) -> Api:
    async with api.database.write() as session:
        await session.execute(MANY)
        await session.execute(text("ANALYZE users"))
        await session.commit()
    return api


async def test_indexes_serve_a_search_for_a_rare_prefix(crowd: Api) -> None:
    cursors = crowd.components.cursors
    found = await plan(
        crowd,
        "EXPLAIN",
        lambda connection: UserQueries(connection, cursors).matching(PageQuery(), "Ada", None, is_active=None),
    )

    for index in ("uq_users_email", "ix_users_first_name_folded", "ix_users_last_name_folded"):
        assert index in found
    assert "Seq Scan" not in found


async def test_an_index_serves_the_list_of_a_rare_role(crowd: Api) -> None:
    cursors = crowd.components.cursors
    found = await plan(
        crowd,
        "EXPLAIN",
        lambda connection: UserQueries(connection, cursors).matching(PageQuery(), "", Role.ADMIN, is_active=None),
    )

    assert "ix_users_role_id" in found


async def test_columns_are_in_the_order_of_bytes(api: Api) -> None:
    """In the order of a language, a prefix is not one range."""
    async with api.database.read() as session:
        found = await session.scalars(COLLATIONS)

    assert list(found) == ["C"] * 3
