"""Accounts as administrators see and change them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field

from app.models.users import MAX_EMAIL, Role
from app.schemas.base import Input, Line, Output

Prefix = Annotated[Line, Field(max_length=MAX_EMAIL)]


class ManagedUser(Output):
    """An account."""

    id: UUID = Field(validation_alias="public_id")
    email: str
    first_name: str
    last_name: str
    role: Role
    is_active: bool
    email_verified_at: datetime | None
    created_at: datetime
    last_login_at: datetime | None


class ManagedUserUpdate(Input):
    """RFC 7396: an absent field stays as it is."""

    role: Role | MISSING = MISSING
    is_active: bool | MISSING = MISSING
