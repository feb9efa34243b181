"""Orders."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, DualId, Timestamps


class Order(DualId, Timestamps, Base):
    __tablename__ = "orders"

    buyer_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    article: Mapped[str] = mapped_column(String(100))
    total_cents: Mapped[int] = mapped_column(BigInteger)
    weight: Mapped[float]
    parent_id: Mapped[UUID | None]
    stripe_id: Mapped[str] = mapped_column(String(100))
