"""Items: the example of a resource."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, DualId, Timestamps
from app.db.search import searchable
from app.models.users import User

MAX_NAME = 200
MAX_DESCRIPTION = 10_000


class ItemStatus(StrEnum):
    """Other users see only active items."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class Item(DualId, Timestamps, Base):
    """Something that a user owns. Each list reads an index backwards."""

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'active', 'archived')", "status_known"),
        Index(None, "status", "id"),
        Index(None, "owner_id", "id"),
    )

    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16), default=ItemStatus.DRAFT)
    # Both are set when an item is written. Without a default, an admin page would ask for them.
    search_text: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    owner: Mapped[User] = relationship(lazy="raise")

    # Each UPDATE raises the version, and fails if another transaction has raised it since it was read.
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def owner_public_id(self) -> UUID:
        return self.owner.public_id


@event.listens_for(Item, "before_insert")
@event.listens_for(Item, "before_update")
def _keep_searchable(_: Any, __: Any, item: Item) -> None:
    """Compute it before each write. A query contains no line break, so no match spans name and description."""
    item.search_text = searchable(f"{item.name}\n{item.description or ''}")
