"""Items: the example of a resource."""

from enum import StrEnum
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.db.base import Base, DualId, Timestamps
from app.models.users import User

MAX_NAME = 200
MAX_DESCRIPTION = 10_000


class ItemStatus(StrEnum):
    """Only what is active is shown to others."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


def searchable(text: str) -> str:
    """The form in which texts are compared: no database folds case, or composes accents, beyond ASCII as another does.

    Composed again at the end, because folding takes some letters apart only in one of their cases.
    """
    return normalize("NFC", normalize("NFC", text).casefold())


class Item(DualId, Timestamps, Base):
    """Something that a user owns. Each list is one index, read from its end."""

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
    search_text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()

    owner: Mapped[User] = relationship(lazy="raise")

    # Each UPDATE raises the version and is refused if it is not the one that was read.
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def owner_public_id(self) -> UUID:
        return self.owner.public_id

    @validates("name", "description")
    def _keep_searchable(self, changed: str, value: str | None) -> str | None:
        """Derived from both texts whenever one is set. What is sought has no line break, so no match spans the two."""
        texts = {"name": self.name, "description": self.description, changed: value}
        self.search_text = searchable("\n".join(text or "" for text in texts.values()))
        return value
