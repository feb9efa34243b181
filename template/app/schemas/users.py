"""Accounts in requests and responses."""

from datetime import datetime
from uuid import UUID

from pydantic import MISSING, Field

from app.models.users import Role
from app.schemas.base import Input, Name, Output


class PublicUser(Output):
    """The members of a user that all users can see."""

    id: UUID = Field(validation_alias="public_id")
    first_name: str
    last_name: str


class OwnUser(PublicUser):
    """What users see of their own account."""

    email: str
    email_verified_at: datetime | None
    role: Role
    is_active: bool
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None


class UserUpdate(Input):
    """RFC 7396: an absent field stays as it is."""

    first_name: Name | MISSING = MISSING
    last_name: Name | MISSING = MISSING
