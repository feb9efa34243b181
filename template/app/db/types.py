"""Column types."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, TypeDecorator
from sqlalchemy.types import TypeEngine


def utc_now() -> datetime:
    """Now, with its offset. The only clock of the application."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """Takes datetimes with an offset and returns them in UTC, also on a database that stores no offsets."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a datetime without an offset is ambiguous; use utc_now()")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """Decimals of at most 18 digits, exact on every database: one without decimals of its own stores whole numbers.

    There, `ExactDecimal(10, 2)` stores 12.50 as 1250. Order and sums are those of the decimals.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(self.impl_instance if dialect.supports_native_decimal else BigInteger())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | int | None:
        return value if value is None or dialect.supports_native_decimal else int(value.scaleb(self.scale))

    def process_result_value(self, value: Decimal | int | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(value) if dialect.supports_native_decimal else Decimal(value).scaleb(-self.scale)
