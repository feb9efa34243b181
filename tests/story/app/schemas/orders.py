"""Orders on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.schemas.base import Input, Name, Output


class OrderCreate(Input):
    article: Name


class OrderOut(Output):
    id: UUID = Field(validation_alias="public_id")
    article: str
    created_at: datetime
