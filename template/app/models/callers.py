"""Who is asking."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Caller:
    """User and session of an authenticated request, read in one query. Not an entity: services do the writing."""

    id: int
    public_id: UUID
    email: str
    first_name: str
    last_name: str
    is_active: bool
    auth_epoch: int
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None
    session_id: int
    session_public_id: UUID
    authenticated_at: datetime
