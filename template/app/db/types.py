"""Column types."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator

from app.core.security.encryption import InvalidSealError, Sealer


def utc_now() -> datetime:
    """Now, with its offset. The only clock of the application."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, UTC out, alike on databases that know offsets and those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime is ambiguous; use utc_now()")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class SealedText(TypeDecorator[str]):
    """Text that is unreadable at rest. What no key opens any more reads as None: a lost key must not lock anybody out.

    The column's name is sealed in, so that a value copied to another column does not open there.
    """

    impl = Text
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _sealer(dialect).seal(value.encode(), self.context)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return _sealer(dialect).open(value, self.context).decode()
        except InvalidSealError:
            return None


def attach_sealer(dialect: Dialect, sealer: Sealer) -> None:
    """Give an engine's columns their key. The dialect is all that a column type sees of its engine."""
    dialect.column_sealer = sealer  # type: ignore[attr-defined]


def _sealer(dialect: Dialect) -> Sealer:
    sealer: Sealer = dialect.column_sealer  # type: ignore[attr-defined]
    return sealer
