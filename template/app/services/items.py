"""Items."""

from uuid import UUID

from app.components import Components
from app.core.etags import etag, require_match, require_none_match
from app.core.exceptions import Forbidden, InvalidToken, NotFound
from app.core.pagination import PageQuery, Slice
from app.models.callers import Caller
from app.models.items import Item
from app.repositories.items import ItemRepository
from app.schemas.items import ItemCreate, ItemUpdate


class NotTheOwner(Forbidden):
    """The item may be seen by everybody, but changed by its owner only."""

    code = "not_the_owner"
    detail = "Only its owner may change this item."


class ItemService:
    """Everybody sees what is active; an owner sees and changes the own items."""

    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.cursors = components.cursors

    async def active(self, query: PageQuery) -> Slice:
        """What everybody offers."""
        async with self.database.read() as session:
            items = ItemRepository(session)
            return await items.page(items.active(), query, self.cursors, "items")

    async def search(self, text: str, query: PageQuery) -> Slice:
        """Active items that contain the text."""
        async with self.database.read() as session:
            items = ItemRepository(session)
            return await items.page(items.containing(text), query, self.cursors, f"items:search:{text}")

    async def mine(self, caller: Caller, query: PageQuery) -> Slice:
        """The caller's own items."""
        async with self.database.read() as session:
            items = ItemRepository(session)
            return await items.page(items.owned_by(caller.id), query, self.cursors, f"items:my:{caller.id}")

    async def visible(self, caller: Caller, public_id: UUID, if_none_match: str | None) -> Item:
        """One item, unless the caller's copy is current."""
        async with self.database.read() as session:
            item = await ItemRepository(session).visible(public_id, caller.id)
        if item is None:
            raise NotFound
        require_none_match(if_none_match, etag(item.version))
        return item

    async def create(self, caller: Caller, data: ItemCreate) -> Item:
        """Give the caller a new item."""
        async with self.database.write() as session:
            items = ItemRepository(session)
            owner = await items.owner(caller.id)
            if owner is None:
                raise InvalidToken
            item = await items.add(Item(owner=owner, **data.model_dump()))
            await session.commit()
        return item

    async def update(self, caller: Caller, public_id: UUID, data: ItemUpdate, if_match: str | None) -> Item:
        """Change what is given. What equals the present value changes nothing, so neither version nor time move."""
        async with self.database.write() as session:
            item = await self._own(ItemRepository(session), caller, public_id, if_match)
            for name, value in data.model_dump().items():
                setattr(item, name, value)
            await session.commit()
        return item

    async def delete(self, caller: Caller, public_id: UUID, if_match: str | None) -> None:
        """Delete one of the caller's items."""
        async with self.database.write() as session:
            items = ItemRepository(session)
            await items.delete(await self._own(items, caller, public_id, if_match))
            await session.commit()

    async def _own(self, items: ItemRepository, caller: Caller, public_id: UUID, if_match: str | None) -> Item:
        """The caller's item, locked before its tag is compared: of two changes of the same copy, one is refused."""
        item = await items.locked(public_id, caller.id)
        if item is None:
            raise NotFound
        if item.owner_id != caller.id:
            raise NotTheOwner
        require_match(if_match, etag(item.version))
        return item
