"""Accounts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, DualId, Timestamps
from app.db.types import UtcDateTime

MAX_EMAIL = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
MAX_NAME = 100


class User(DualId, Timestamps, Base):
    """Somebody who can sign in. `auth_epoch` is stamped on each session: raising it ends all of them at once."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", "email_lower"),)

    email: Mapped[str] = mapped_column(String(MAX_EMAIL), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    first_name: Mapped[str] = mapped_column(String(MAX_NAME))
    last_name: Mapped[str] = mapped_column(String(MAX_NAME))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    auth_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
