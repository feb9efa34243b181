"""The few things that every repository does."""

from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.pagination import Cursors, PageQuery, Slice
from app.db.base import DualId

M = TypeVar("M", bound=DualId)


class Repository(Generic[M]):
    """Finds and keeps models of one kind. Flushes, never commits; answers with models, statements or None."""

    model: ClassVar[Any]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def select(self) -> Select[M]:
        """The statement that every query of this repository begins with."""
        return select(self.model)

    async def add(self, entity: M) -> M:
        """Insert now, so that a constraint speaks here and not at the commit."""
        self.session.add(entity)
        await self.session.flush()
        return entity

    async def delete(self, entity: M) -> None:
        """Delete now."""
        await self.session.delete(entity)
        await self.session.flush()

    async def one_or_none(self, statement: Select[M]) -> M | None:
        """The only match, if there is one."""
        return (await self.session.scalars(statement)).one_or_none()

    async def by_public_id(self, public_id: UUID) -> M | None:
        """The entity behind an id that a client sent."""
        return await self.one_or_none(self.select().where(self.model.public_id == public_id))

    async def count(self, statement: Select[M]) -> int:
        """How many rows the statement has, whatever its order."""
        counted = select(func.count()).select_from(statement.order_by(None).subquery())
        return (await self.session.scalars(counted)).one()

    async def page(self, statement: Select[M], query: PageQuery, cursors: Cursors, scope: str) -> Slice:
        """One part of a list, newest first: keys only grow, so their order is total, and an index has it ready."""
        statement = statement.order_by(self.model.id.desc())
        after = None if query.cursor is None else cursors.key(query.cursor, scope)
        if query.page is not None:
            offset, total = query.offset(), await self.count(statement)
            shown = (await self.session.scalars(statement.limit(query.per_page).offset(offset))).all()
            return Slice(shown, query.per_page, page=query.page, total=total)
        if after is not None:
            statement = statement.where(self.model.id < after)
        found = (await self.session.scalars(statement.limit(query.per_page + 1))).all()
        shown = found[: query.per_page]
        more = len(found) > query.per_page
        return Slice(shown, query.per_page, cursors.after(shown[-1].id, scope) if more else None)
