"""Pages of lists. Cursors are encrypted: they reveal nothing, cannot be forged, and fit one list, query and caller."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from app.core.exceptions import FieldError, InvalidInput
from app.core.security.encryption import InvalidSealError, Sealer

MAX_DEPTH = 10_000
KEY_BYTES = 8
# Greater than every key. A list without a cursor begins after this value.
BEFORE_ALL = 2**63 - 1


class InvalidCursor(InvalidInput):
    """The cursor is forged, or belongs to another list, query or secret key."""

    code = "invalid_cursor"
    detail = "This cursor does not belong to this list. Start again without a cursor."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("query:cursor", self.code, self.detail)])


class PageTooDeep(InvalidInput):
    """The cost of a numbered page grows with its depth."""

    code = "page_too_deep"
    detail = f"Numbered pages end after {MAX_DEPTH} entries. Use the cursor instead."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("query:page", self.code, self.detail)])


class PageQuery(BaseModel):
    """Selects a part of a list: by `page`, or else by `cursor`, or else its beginning."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)

    per_page: Annotated[int, Field(ge=1, le=100, description="Entries in one response.")] = 20
    page: Annotated[int | None, Field(ge=1, description="A page number; the response then has a `total`.")] = None
    cursor: Annotated[str | None, Field(max_length=512, description="`next_cursor` of the response before.")] = None

    def offset(self) -> int:
        """The number of entries before the numbered page.

        Raises:
            PageTooDeep: if the page ends beyond the limit.
        """
        page = self.page or 1
        if page * self.per_page > MAX_DEPTH:
            raise PageTooDeep
        return (page - 1) * self.per_page


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of a list, with the members of the schema `Page`."""

    results: Sequence[Any]
    per_page: int
    next_cursor: str | None = None
    page: int | None = None
    total: int | None = None

    def map(self, convert: Callable[[Any], Any]) -> "Slice":
        """The same part with each entry converted."""
        return replace(self, results=[convert(entry) for entry in self.results])


class Cursors:
    """Encrypts the key of the last entry shown. `scope` names the list, the query and, if it is private, the caller."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def after(self, key: int, scope: str) -> str:
        """The cursor of what follows `key`."""
        return self._sealer.seal(key.to_bytes(KEY_BYTES), scope)

    def key(self, cursor: str | None, scope: str) -> int:
        """The key in a cursor; without a cursor the key before all entries.

        Raises:
            InvalidCursor: unless this list returned the cursor.
        """
        if cursor is None:
            return BEFORE_ALL
        try:
            return int.from_bytes(self._sealer.open(cursor, scope))
        except InvalidSealError:
            raise InvalidCursor from None
