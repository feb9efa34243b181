"""Accounts as a client sees them."""

from datetime import datetime
from uuid import UUID

from pydantic import MISSING, Field

from app.schemas.base import Input, Name, Output


class PublicUser(Output):
    """What everybody may know of somebody."""

    id: UUID = Field(validation_alias="public_id")
    first_name: str
    last_name: str


class OwnUser(PublicUser):
    """What somebody knows of their own account."""

    email: str
    is_active: bool
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None


class UserUpdate(Input):
    """RFC 7396: what is absent stays as it is."""

    first_name: Name | MISSING = MISSING
    last_name: Name | MISSING = MISSING
