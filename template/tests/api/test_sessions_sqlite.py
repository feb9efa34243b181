"""How SQLite finds the sessions of an account."""

import pytest

from tests.factories.users import Person, sign_in
from tests.fixtures.applications import Api
from tests.fixtures.plans import plan

EXPLAIN = "EXPLAIN QUERY PLAN"
INDEX = "sessions USING INDEX ix_sessions_user_id_revoked_at (user_id=? AND revoked_at=?"
END = "UPDATE sessions SET revoked_at"
LIST = "FROM sessions \nWHERE sessions.user_id"


async def test_a_login_reads_no_revoked_sessions(api: Api, ada: Person) -> None:
    assert INDEX in await plan(api, EXPLAIN, lambda _: sign_in(api, ada.user), END)


@pytest.mark.parametrize(
    ("method", "path", "statement"),
    [("GET", "/api/v1/auth/sessions", LIST), ("POST", "/api/v1/auth/logout-all", END)],
    ids=["list", "logout-all"],
)
async def test_other_requests_read_no_revoked_sessions(
    api: Api, ada: Person, method: str, path: str, statement: str
) -> None:
    found = await plan(api, EXPLAIN, lambda _: ada.http.request(method, path), statement)

    assert INDEX in found
    assert "TEMP B-TREE" not in found
