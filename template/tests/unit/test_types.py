"""Column types, seen through a session's row."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import StatementError

from app.db.types import utc_now
from app.models.sessions import Session
from app.models.users import User
from tests.factories.users import Person, add_user
from tests.fixtures.applications import Api


class TestUtcDateTime:
    async def test_comes_back_in_utc_whatever_its_offset(self, api: Api) -> None:
        tokyo = datetime(2026, 1, 1, 9, 30, 0, 123456, timezone(timedelta(hours=9)))

        user = await add_user(api, last_login_at=tokyo)

        async with api.database.read() as session:
            moment = (await session.scalars(select(User.last_login_at).where(User.id == user.id))).one()
        assert moment == tokyo
        assert moment is not None
        assert moment.tzinfo is UTC

    async def test_is_compared_as_a_moment(self, api: Api) -> None:
        user = await add_user(api, last_login_at=datetime(2026, 1, 1, 9, 0, tzinfo=timezone(timedelta(hours=9))))

        async with api.database.read() as session:
            later = User.last_login_at > datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
            assert (await session.scalars(select(User.id).where(later, User.id == user.id))).one_or_none()

    async def test_refuses_what_has_no_offset(self, api: Api) -> None:
        with pytest.raises(StatementError, match="naive"):
            await add_user(api, last_login_at=utc_now().replace(tzinfo=None))


class TestSealedText:
    async def test_without_its_key_reads_as_nothing(self, api: Api, ada: Person) -> None:
        async with api.database.write() as session:
            await session.execute(text("UPDATE sessions SET user_agent = ip"))
            await session.commit()

        [shown] = (await ada.http.get("/api/v1/auth/sessions")).json()["results"]

        assert (shown["ip"], shown["user_agent"]) == ("127.0.0.1", None)

    async def test_may_be_nothing(self, api: Api, ada: Person) -> None:
        async with api.database.write() as session:
            await session.execute(update(Session).values(user_agent=None))
            await session.commit()

        [shown] = (await ada.http.get("/api/v1/auth/sessions")).json()["results"]

        assert shown["user_agent"] is None
