"""Sessions."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, DualId
from app.db.types import UtcDateTime


class Session(DualId, Base):
    """One sign-in on one device, and one family of refresh tokens. `generation` says which of them is current.

    `expires_at` is the earlier of `absolute_expires_at` and the end of the idle time, and moves with each refresh.
    `ip` and `user_agent` are encrypted.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id", "revoked_at"), Index(None, "expires_at"))

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    auth_epoch: Mapped[int]
    generation: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    authenticated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    absolute_expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ip: Mapped[str | None] = mapped_column(Text)
    user_agent: Mapped[str | None] = mapped_column(Text)
