"""Create items."""

from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.models.items import Item
from app.models.users import User
from tests.fixtures.applications import Api

_numbers = count(1)


async def add_item(api: Api, owner: User, **columns: Any) -> UUID:
    """Add an item to the database. It is active by default, so that every user can read it."""
    data = {"name": f"Lamp {next(_numbers)}", "status": "active", **columns}
    async with api.database.write() as session:
        item = Item(owner=(await session.scalars(select(User).where(User.id == owner.id))).one(), **data)
        session.add(item)
        await session.commit()
    return item.public_id
