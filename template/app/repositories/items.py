"""Items in the database."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, BindParameter, Row, Select, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import joinedload

from app.core.pagination import Cursors, PageQuery, Slice
from app.db.search import contains_pattern, pattern_of
from app.models.items import Item, ItemStatus
from app.models.users import User
from app.repositories.base import Listing, Repository, columns_of

_USER: BindParameter[int] = bindparam("user_id", type_=BigInteger)
_ACTIVE = Item.status == ItemStatus.ACTIVE
_VISIBLE = and_(Item.public_id == bindparam("public_id"), or_(_ACTIVE, Item.owner_id == _USER))

_ROWS = select(
    *columns_of(Item, without=["search_text"]), User.public_id.label("owner_public_id")
).join_from(Item, User)  # fmt: skip
_ONE = _ROWS.where(_VISIBLE)
_ALL_ACTIVE = Listing(_ROWS.where(_ACTIVE), Item.id)
_MATCHES = Listing(_ROWS.where(_ACTIVE, contains_pattern(Item.search_text)), Item.id)
_OWNED = Listing(_ROWS.where(Item.owner_id == _USER), Item.id)
_LOCKED = select(Item).where(_VISIBLE).options(joinedload(Item.owner, innerjoin=True)).with_for_update(of=Item)


class ItemQueries:
    """Items as rows, each with the public id of its owner."""

    def __init__(self, connection: AsyncConnection, cursors: Cursors) -> None:
        self.connection = connection
        self.cursors = cursors

    async def visible(self, public_id: UUID, user_id: int) -> Row[*tuple[Any, ...]] | None:
        """An item that this user may see."""
        return (await self.connection.execute(_ONE, {"public_id": public_id, "user_id": user_id})).one_or_none()

    async def active(self, query: PageQuery) -> Slice:
        """The items that everybody may see."""
        return await _ALL_ACTIVE.read(self.connection, query, self.cursors, "items")

    async def containing(self, text: str, query: PageQuery) -> Slice:
        """Active items with the text in their name or description."""
        scope = f"items:search:{text}"
        return await _MATCHES.read(self.connection, query, self.cursors, scope, pattern=pattern_of(text))

    async def owned_by(self, user_id: int, query: PageQuery) -> Slice:
        """The items of one user, whatever their status."""
        return await _OWNED.read(self.connection, query, self.cursors, f"items:my:{user_id}", user_id=user_id)


class ItemRepository(Repository[Item]):
    """Items as entities, to change them."""

    model = Item

    async def locked(self, public_id: UUID, user_id: int) -> Item | None:
        """An item that this user may see, locked until the transaction ends."""
        return await self.one_or_none(_LOCKED, {"public_id": public_id, "user_id": user_id})

    def owned_by(self, user_id: int) -> Select[Item]:
        """The items of one user, whatever their status."""
        return self.select().where(Item.owner_id == user_id)
