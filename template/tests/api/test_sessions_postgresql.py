"""How PostgreSQL finds the sessions of an account."""

import re

import pytest
from sqlalchemy import text

from tests.factories.users import Person, sign_in
from tests.fixtures.applications import Api
from tests.fixtures.plans import plan

# One in fifty was not revoked.
MANY = text(
    "INSERT INTO sessions (public_id, user_id, auth_epoch, generation, created_at, authenticated_at, last_used_at,"
    " expires_at, absolute_expires_at, revoked_at) SELECT gen_random_uuid(), :user_id, 0, 0, now(), now(), now(),"
    " now() + interval '1 day', now() + interval '1 day', CASE WHEN n % 50 > 0 THEN now() END"
    " FROM generate_series(1, 1000) AS n"
)
INDEX = re.compile(
    r"ix_sessions_user_id_revoked_at [^\n]*\n[^\n]*Index Cond: \(\(user_id = [^\n]* AND \(revoked_at IS NULL\)\)"
)
END = "UPDATE sessions SET revoked_at"
LIST = "FROM sessions \nWHERE sessions.user_id"


@pytest.fixture
async def old_account(api: Api, ada: Person) -> Person:
    """An account with many sessions, almost all of which were revoked."""
    async with api.database.write() as session:
        await session.execute(MANY, {"user_id": ada.user.id})
        await session.execute(text("ANALYZE sessions"))
        await session.commit()
    return ada


async def test_a_login_reads_no_revoked_sessions(api: Api, old_account: Person) -> None:
    found = await plan(api, "EXPLAIN", lambda _: sign_in(api, old_account.user), END)

    assert INDEX.search(found)
    assert "Seq Scan" not in found


@pytest.mark.parametrize(
    ("method", "path", "statement"),
    [("GET", "/api/v1/auth/sessions", LIST), ("POST", "/api/v1/auth/logout-all", END)],
    ids=["list", "logout-all"],
)
async def test_other_requests_read_no_revoked_sessions(
    api: Api, old_account: Person, method: str, path: str, statement: str
) -> None:
    found = await plan(api, "EXPLAIN", lambda _: old_account.http.request(method, path), statement)

    assert INDEX.search(found)
    assert "Seq Scan" not in found
