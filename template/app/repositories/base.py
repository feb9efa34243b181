"""What every repository does."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Result, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from app.core.pagination import Cursors, PageQuery, Slice
from app.db.base import DualId

M = TypeVar("M", bound=DualId)

_LIMIT = bindparam("_limit", type_=Integer)
_OFFSET = bindparam("_offset", type_=Integer)
_BEFORE = bindparam("_before", type_=BigInteger)


def columns_of(model: type[DeclarativeBase], *, without: Iterable[str] = ()) -> list[Any]:
    """The columns of a model, named like its attributes, to select rows instead of entities."""
    return [column.label(name) for name, column in model.__mapper__.columns.items() if name not in set(without)]


class Listing:
    """One list, newest first. Its statements are built once: building them for each request costs more than the query.

    Keys always increase, so their order is unique, and an index provides it.
    """

    def __init__(self, statement: Select[Any], key: InstrumentedAttribute[int], *, entities: bool = False) -> None:
        newest = statement.order_by(key.desc()).limit(_LIMIT)
        self._entities = entities
        self._after = newest.where(key < _BEFORE)
        self._numbered = newest.offset(_OFFSET)
        self._total = select(func.count()).select_from(statement.order_by(None).subquery())

    async def read(
        self,
        connection: AsyncConnection | AsyncSession,
        query: PageQuery,
        cursors: Cursors,
        scope: str,
        **values: Any,
    ) -> Slice:
        """One part of the list. `values` are for the parameters of its statement."""
        before = cursors.key(query.cursor, scope)
        if query.page is not None:
            limits = {"_limit": query.per_page, "_offset": query.offset()}
            total = await connection.scalar(self._total, values)
            return Slice(
                self._entries(await connection.execute(self._numbered, values | limits)),
                query.per_page,
                page=query.page,
                total=total,
            )
        # Read one more row, to know whether there is a next page.
        limits = {"_limit": query.per_page + 1, "_before": before}
        found = self._entries(await connection.execute(self._after, values | limits))
        shown = found[: query.per_page]
        more = len(found) > query.per_page
        return Slice(shown, query.per_page, cursors.after(shown[-1].id, scope) if more else None)

    def _entries(self, result: Result[Any]) -> Sequence[Any]:
        return result.scalars().all() if self._entities else result.all()


class Repository(Generic[M]):
    """Reads and writes models of one kind. Flushes and never commits; returns entities, statements or None."""

    model: ClassVar[Any]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def select(self) -> Select[M]:
        """The statement that every query of this repository starts from."""
        return select(self.model)

    async def add(self, entity: M) -> M:
        """Insert now, so that a violated constraint is raised here and not at the commit."""
        self.session.add(entity)
        await self.session.flush()
        return entity

    async def delete(self, entity: M) -> None:
        """Delete now."""
        await self.session.delete(entity)
        await self.session.flush()

    async def one_or_none(self, statement: Select[M], values: Mapping[str, Any] | None = None) -> M | None:
        """The only match, or None."""
        return (await self.session.scalars(statement, values)).one_or_none()

    async def by_public_id(self, public_id: UUID) -> M | None:
        """The entity with an id that a client sent."""
        return await self.one_or_none(self.select().where(self.model.public_id == public_id))

    async def page(self, statement: Select[M], query: PageQuery, cursors: Cursors, scope: str) -> Slice:
        """One part of a list of entities."""
        return await Listing(statement, self.model.id, entities=True).read(self.session, query, cursors, scope)
