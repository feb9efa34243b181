"""Column types and encrypted columns."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text, update

from app.core.exceptions import InvalidInput
from app.db.types import utc_now
from app.models.sessions import Session
from app.models.users import User
from tests.factories.users import Person, add_user
from tests.fixtures.applications import Api


class TestUtcDateTime:
    async def test_time_is_read_back_in_utc(self, api: Api) -> None:
        tokyo = datetime(2026, 1, 1, 9, 30, 0, 123456, timezone(timedelta(hours=9)))

        user = await add_user(api, last_login_at=tokyo)

        async with api.database.read() as session:
            moment = (await session.scalars(select(User.last_login_at).where(User.id == user.id))).one()
        assert moment == tokyo
        assert moment is not None
        assert moment.tzinfo is UTC

    async def test_times_with_other_offsets_are_compared(self, api: Api) -> None:
        user = await add_user(api, last_login_at=datetime(2026, 1, 1, 9, 0, tzinfo=timezone(timedelta(hours=9))))

        async with api.database.read() as session:
            later = User.last_login_at > datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
            assert (await session.scalars(select(User.id).where(later, User.id == user.id))).one_or_none()

    async def test_time_without_offset_is_refused(self, api: Api) -> None:
        with pytest.raises(InvalidInput):
            await add_user(api, last_login_at=utc_now().replace(tzinfo=None))


class TestSealedColumns:
    async def test_a_value_that_was_encrypted_for_another_column_is_shown_as_null(self, api: Api, ada: Person) -> None:
        async with api.database.write() as session:
            await session.execute(text("UPDATE sessions SET user_agent = ip"))
            await session.commit()

        [shown] = (await ada.http.get("/api/v1/auth/sessions")).json()["results"]

        assert (shown["ip"], shown["user_agent"]) == ("127.0.0.1", None)

    async def test_null_stays_null(self, api: Api, ada: Person) -> None:
        async with api.database.write() as session:
            await session.execute(update(Session).values(user_agent=None))
            await session.commit()

        [shown] = (await ada.http.get("/api/v1/auth/sessions")).json()["results"]

        assert shown["user_agent"] is None
