"""Items."""

from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row

from app.components import Components
from app.core.etags import etag, require_match, require_none_match
from app.core.exceptions import Forbidden, NotFound
from app.core.pagination import PageQuery, Slice
from app.models.callers import Caller
from app.models.items import Item
from app.repositories.items import ItemQueries, ItemRepository
from app.schemas.items import ItemCreate, ItemUpdate

# The columns of an item, and the public id of its owner.
ItemRow: TypeAlias = Row[*tuple[Any, ...]]


class NotTheOwner(Forbidden):
    """Everybody may see the item, but only its owner may change it."""

    code = "not_the_owner"
    detail = "Only the owner may change this item."


class ItemService:
    """Everybody sees active items; owners see and change all of their own items."""

    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.cursors = components.cursors

    async def active(self, query: PageQuery) -> Slice:
        """The active items of all users."""
        async with self.database.read_rows() as connection:
            return await ItemQueries(connection, self.cursors).active(query)

    async def search(self, text: str, query: PageQuery) -> Slice:
        """Active items that contain the text."""
        async with self.database.read_rows() as connection:
            return await ItemQueries(connection, self.cursors).containing(text, query)

    async def mine(self, caller: Caller, query: PageQuery) -> Slice:
        """The caller's own items."""
        async with self.database.read_rows() as connection:
            return await ItemQueries(connection, self.cursors).owned_by(caller.id, query)

    async def visible(self, caller: Caller, public_id: UUID, if_none_match: list[str] | None) -> ItemRow:
        """One item, unless the client's copy is current."""
        async with self.database.read_rows() as connection:
            item = await ItemQueries(connection, self.cursors).visible(public_id, caller.id)
        if item is None:
            raise NotFound
        require_none_match(if_none_match, etag(item.version))
        return item

    async def create(self, caller: Caller, data: ItemCreate) -> Item:
        """Create an item of the caller."""
        async with self.database.write() as session:
            item = await ItemRepository(session).add(Item(owner=caller.user, **data.model_dump()))
            await session.commit()
        return item

    async def update(self, caller: Caller, public_id: UUID, data: ItemUpdate, if_match: list[str] | None) -> Item:
        """Change the given fields. If nothing differs, neither the version nor the time changes."""
        async with self.database.write() as session:
            item = await self._own(ItemRepository(session), caller, public_id, if_match)
            for name, value in data.model_dump().items():
                setattr(item, name, value)
            await session.commit()
        return item

    async def delete(self, caller: Caller, public_id: UUID, if_match: list[str] | None) -> None:
        """Delete one of the caller's items."""
        async with self.database.write() as session:
            items = ItemRepository(session)
            await items.delete(await self._own(items, caller, public_id, if_match))
            await session.commit()

    async def _own(self, items: ItemRepository, caller: Caller, public_id: UUID, if_match: list[str] | None) -> Item:
        """The caller's item. Locked before its tag is compared: of two changes to the same version, one is refused."""
        item = await items.locked(public_id, caller.id)
        if item is None:
            raise NotFound
        if item.owner_id != caller.id:
            raise NotTheOwner
        require_match(if_match, etag(item.version))
        return item
