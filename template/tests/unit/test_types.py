"""Column types and encrypted columns."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.exceptions import InvalidInput
from app.db.types import ExactDecimal, utc_now
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


PRICES = Table(
    "prices_of_a_test", MetaData(), Column("id", BigInteger, primary_key=True), Column("price", ExactDecimal(18, 4))
)


class TestExactDecimal:
    @pytest.fixture
    async def prices(self, real_api: Api) -> AsyncIterator[AsyncConnection]:
        async with real_api.database.writing.begin() as connection:
            await connection.run_sync(PRICES.create)
            yield connection

    @pytest.mark.parametrize(
        "price", ["0.0000", "-0.0001", "12.5000", "0.1000", "99999999999999.9999", "-99999999999999.9999"]
    )
    async def test_a_decimal_is_read_back_exactly(self, prices: AsyncConnection, price: str) -> None:
        await prices.execute(insert(PRICES).values(price=Decimal(price)))

        found = (await prices.scalars(select(PRICES.c.price))).one()

        assert str(found) == price

    async def test_the_database_compares_and_adds_decimals(self, prices: AsyncConnection) -> None:
        for price in ("9.1", "10.2", None):
            await prices.execute(insert(PRICES).values(price=price and Decimal(price)))

        total = (await prices.scalars(select(func.sum(PRICES.c.price)))).one()
        dear = (await prices.scalars(select(PRICES.c.price).where(PRICES.c.price > Decimal(10)))).all()

        assert total == Decimal("19.3")
        assert dear == [Decimal("10.2")]


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
