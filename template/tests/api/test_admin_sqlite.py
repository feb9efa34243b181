"""How SQLite finds accounts for administrators."""

from app.core.pagination import PageQuery
from app.models.users import Role
from app.repositories.users import UserQueries
from tests.fixtures.applications import Api
from tests.fixtures.plans import plan

EXPLAIN = "EXPLAIN QUERY PLAN"


async def test_indexes_serve_a_search_for_a_prefix(api: Api) -> None:
    cursors = api.components.cursors
    found = await plan(
        api,
        EXPLAIN,
        lambda connection: UserQueries(connection, cursors).matching(PageQuery(), "Ada", None, is_active=None),
    )

    for column in ("email", "first_name_folded", "last_name_folded"):
        assert f"({column}>? AND {column}<?)" in found
    assert "SCAN" not in found
    assert "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)" in found


async def test_an_index_serves_the_list_of_a_role(api: Api) -> None:
    cursors = api.components.cursors
    found = await plan(
        api,
        EXPLAIN,
        lambda connection: UserQueries(connection, cursors).matching(PageQuery(), "", Role.ADMIN, is_active=None),
    )

    assert "ix_users_role_id" in found
    assert "TEMP B-TREE" not in found
