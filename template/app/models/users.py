"""Accounts."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, event, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, DualId, Timestamps
from app.db.search import searchable
from app.db.types import UtcDateTime

MAX_EMAIL = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
MAX_NAME = 100
MAX_FOLDED = 3 * MAX_NAME  # folding makes up to three characters of one


class Role(StrEnum):
    """Administrators manage all accounts."""

    USER = "user"
    ADMIN = "admin"


class FoldedNames:
    """Names as administrators search them. Addresses need no such columns: they are stored folded."""

    first_name_folded: Mapped[str] = mapped_column(String(MAX_FOLDED), default="", server_default="")
    last_name_folded: Mapped[str] = mapped_column(String(MAX_FOLDED), default="", server_default="")


@event.listens_for(FoldedNames, "before_insert", propagate=True)
@event.listens_for(FoldedNames, "before_update", propagate=True)
def _fold_names(_: Any, __: Any, user: Any) -> None:
    user.first_name_folded = searchable(user.first_name or "")
    user.last_name_folded = searchable(user.last_name or "")


class User(DualId, FoldedNames, Timestamps, Base):
    """Somebody who can sign in. Each session records `auth_epoch`: raising it ends all of them at once."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("email = lower(email)", "email_lower"),
        CheckConstraint("role IN ('user', 'admin')", "role_known"),
        # For the lists of administrators.
        Index(None, "first_name_folded"),
        Index(None, "last_name_folded"),
        Index(None, "role", "id"),
        Index(None, "is_active", "id"),
    )

    email: Mapped[str] = mapped_column(String(MAX_EMAIL), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    first_name: Mapped[str] = mapped_column(String(MAX_NAME))
    last_name: Mapped[str] = mapped_column(String(MAX_NAME))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    auth_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    role: Mapped[str] = mapped_column(String(16), default=Role.USER, server_default=Role.USER)
    email_verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
