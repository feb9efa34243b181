"""The declarative base, and the columns that tables share."""

import enum
import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Enum, MetaData, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.db.types import UtcDateTime, utc_now

# A constraint without a name cannot be dropped by a migration, nor told apart when it is violated.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

MAX_MEMBER_NAME = 64


class Base(DeclarativeBase):
    """Base of all models."""

    metadata = MetaData(naming_convention=NAMING)
    # `Mapped[Color]` is text with the names of the members: a new member needs no migration, and dropping the table
    # leaves no type behind.
    type_annotation_map: ClassVar = {enum.Enum: Enum(enum.Enum, native_enum=False, length=MAX_MEMBER_NAME)}


class DualId:
    """Integers inside, where they are small and ordered; UUIDs outside, where they must tell nothing."""

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, sort_order=-2)
    public_id: Mapped[uuid.UUID] = mapped_column(Uuid, default=uuid.uuid4, unique=True, sort_order=-1)


def _as_created(context: Any) -> datetime:
    created_at: datetime = context.get_current_parameters()["created_at"]
    return created_at


class Timestamps:
    """Written by the application, in UTC."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, sort_order=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=_as_created, onupdate=utc_now, sort_order=2)
