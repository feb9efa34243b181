"""The caller of a request."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.models.users import User


@dataclass(frozen=True, slots=True)
class Caller:
    """The user who sends the request, and the session that the access token belongs to, read in one query."""

    user: User
    session_id: int
    session_public_id: UUID
    authenticated_at: datetime

    @property
    def id(self) -> int:
        """The user's key, for `owner_id` and the like."""
        return self.user.id
