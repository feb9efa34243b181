"""Schemas of orders."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.schemas.base import Input, Name, Output


class OrderCreate(Input):
    article: Name
    total_cents: int
    weight: float
    parent_id: UUID | None = None
    stripe_id: str = Field(default="", max_length=100)


class OrderOut(Output):
    id: UUID = Field(validation_alias="public_id")
    article: str
    total_cents: int
    weight: float
    parent_id: UUID | None
    stripe_id: str
    created_at: datetime
