"""Items in the database."""

import re
from uuid import UUID

from sqlalchemy import Select, String, bindparam, or_, select
from sqlalchemy.orm import joinedload, load_only

from app.models.items import Item, ItemStatus, searchable
from app.models.users import User
from app.repositories.base import Repository

ESCAPE = "/"
WILDCARD = re.compile("[%_/]")

_WITH_OWNER = joinedload(Item.owner, innerjoin=True).load_only(User.public_id)


class ItemRepository(Repository[Item]):
    """Every item comes with its owner's public id, and nothing else of the owner."""

    model = Item

    def select(self) -> Select[Item]:
        return super().select().options(_WITH_OWNER)

    def active(self) -> Select[Item]:
        """What everybody may see."""
        return self.select().where(Item.status == ItemStatus.ACTIVE)

    def containing(self, text: str) -> Select[Item]:
        """Active items with the text in their name or description.

        The pattern is a literal, quoted by SQLAlchemy, because a plan for parameters is made once for every text: it
        reads the whole table for a rare one, where a plan for that text uses an index.
        """
        pattern = "%" + WILDCARD.sub(rf"{ESCAPE}\g<0>", searchable(text)) + "%"
        literal = bindparam("pattern", pattern, String, unique=True, literal_execute=True)
        return self.active().where(Item.search_text.like(literal, escape=ESCAPE))

    def owned_by(self, user_id: int) -> Select[Item]:
        """One user's items, whatever their status."""
        return self.select().where(Item.owner_id == user_id)

    async def visible(self, public_id: UUID, user_id: int) -> Item | None:
        """An item that this user may see."""
        return await self.one_or_none(self._visible(public_id, user_id))

    async def locked(self, public_id: UUID, user_id: int) -> Item | None:
        """The same, locked until the transaction ends."""
        return await self.one_or_none(self._visible(public_id, user_id).with_for_update(of=Item))

    async def owner(self, user_id: int) -> User | None:
        """Whoever is to own an item. The lock is the foreign key's own, taken before it could fail."""
        statement = select(User).options(load_only(User.public_id)).where(User.id == user_id)
        return (await self.session.scalars(statement.with_for_update(read=True, key_share=True))).one_or_none()

    def _visible(self, public_id: UUID, user_id: int) -> Select[Item]:
        mine_or_active = or_(Item.status == ItemStatus.ACTIVE, Item.owner_id == user_id)
        return self.select().where(Item.public_id == public_id, mine_or_active)
