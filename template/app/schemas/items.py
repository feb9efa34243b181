"""Items in requests and responses."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field, StringConstraints

from app.models.items import MAX_DESCRIPTION, MAX_NAME, ItemStatus
from app.schemas.base import BeforeTrimming, Input, Line, Output, Text

ItemName = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME), BeforeTrimming]
ItemDescription = Annotated[Text, Field(max_length=MAX_DESCRIPTION)]
SearchText = Annotated[Line, Field(min_length=1, max_length=100)]


class ItemCreate(Input):
    """A new item."""

    name: ItemName
    description: ItemDescription | None = None
    status: ItemStatus = ItemStatus.DRAFT


class ItemUpdate(Input):
    """RFC 7396: an absent field stays as it is, and null clears the description."""

    name: ItemName | MISSING = MISSING
    description: ItemDescription | MISSING | None = MISSING
    status: ItemStatus | MISSING = MISSING


class ItemOut(Output):
    """An item. `owner_id` is the id of a user: `/api/v1/users/{public_id}`."""

    id: UUID = Field(validation_alias="public_id")
    name: str
    description: str | None
    status: ItemStatus
    owner_id: UUID = Field(validation_alias="owner_public_id")
    created_at: datetime
    updated_at: datetime
