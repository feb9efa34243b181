"""Parts of lists. Cursors are sealed: they tell nothing, cannot be made up, and fit one list, query and caller only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from app.core.exceptions import FieldError, InvalidInput
from app.core.security.encryption import InvalidSealError, Sealer

MAX_DEPTH = 10_000
KEY_BYTES = 8


class InvalidCursor(InvalidInput):
    """Of another list, query or key, or made up."""

    code = "invalid_cursor"
    detail = "This cursor does not belong to this list. Begin again without one."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("query:cursor", self.code, self.detail)])


class PageTooDeep(InvalidInput):
    """Numbered pages cost more the deeper they are."""

    code = "page_too_deep"
    detail = f"Pages end after {MAX_DEPTH} entries. Walk the list by cursor instead."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("query:page", self.code, self.detail)])


class PageQuery(BaseModel):
    """Which part of a list: number `page` if given, else what follows `cursor`, else the beginning."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)

    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    page: Annotated[int | None, Field(ge=1)] = None
    cursor: Annotated[str | None, Field(max_length=512)] = None

    def offset(self) -> int:
        """How many entries stand before the numbered page.

        Raises:
            PageTooDeep: if the page ends beyond the limit.
        """
        page = self.page or 1
        if page * self.per_page > MAX_DEPTH:
            raise PageTooDeep
        return (page - 1) * self.per_page


@dataclass(frozen=True, slots=True)
class Slice:
    """What a repository answers, in the shape of the schema `Page`."""

    results: Sequence[Any]
    per_page: int
    next_cursor: str | None = None
    page: int | None = None
    total: int | None = None

    def map(self, shape: Callable[[Any], Any]) -> "Slice":
        """The same slice of something else."""
        return replace(self, results=[shape(entry) for entry in self.results])


class Cursors:
    """Seals the key of the last entry shown. `scope` names the list, the query and, for private lists, the caller."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def after(self, key: int, scope: str) -> str:
        """The cursor of what follows `key`."""
        return self._sealer.seal(key.to_bytes(KEY_BYTES), scope)

    def key(self, cursor: str, scope: str) -> int:
        """The key behind a cursor.

        Raises:
            InvalidCursor: unless this very list handed it out.
        """
        try:
            return int.from_bytes(self._sealer.open(cursor, scope))
        except InvalidSealError:
            raise InvalidCursor from None
