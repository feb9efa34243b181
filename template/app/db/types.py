"""Column types, and the forms in which values are stored."""

from datetime import UTC, datetime
from unicodedata import normalize

from sqlalchemy import DateTime, Dialect, TypeDecorator


def utc_now() -> datetime:
    """Now, with its offset. The only clock of the application."""
    return datetime.now(UTC)


def folded(text: str) -> str:
    """The form in which texts are compared: databases fold case and treat accents differently.

    Composed again at the end, because case folding decomposes some letters.
    """
    return normalize("NFC", normalize("NFC", text).casefold())


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
