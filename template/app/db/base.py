"""The declarative base, and columns that tables share."""

import enum
import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Enum, MetaData, Uuid, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.db.types import UtcDateTime, utc_now

# A migration can drop only what has a name, and errors identify constraints by name.
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
    # `Mapped[Color]` stores the names of the members as text: a new member needs no migration, and dropping the table
    # leaves no type behind.
    type_annotation_map: ClassVar = {enum.Enum: Enum(enum.Enum, native_enum=False, length=MAX_MEMBER_NAME)}


class DualId:
    """An integer key for the database, which is small and ordered; a UUID for clients, which reveals nothing."""

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, sort_order=-2)
    public_id: Mapped[uuid.UUID] = mapped_column(Uuid, default=uuid.uuid4, unique=True, sort_order=-1)


class Timestamps:
    """Set by the application, in UTC. A new row has the same time in both columns."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, sort_order=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now, sort_order=2)


@event.listens_for(Timestamps, "before_insert", propagate=True)
def _stamp(_: Any, __: Any, row: Any) -> None:
    row.created_at = row.created_at or utc_now()
    row.updated_at = row.updated_at or row.created_at
