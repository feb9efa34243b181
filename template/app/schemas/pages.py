"""Lists in responses."""

from typing import Generic, TypeVar

from app.schemas.base import Output

T = TypeVar("T")


class Page(Output, Generic[T]):
    """Newest first. `page` and `total` are null without a page number; `next_cursor` is null at the end."""

    results: list[T]
    per_page: int
    next_cursor: str | None
    page: int | None
    total: int | None
