"""The caller of a request."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core.exceptions import ReauthenticationRequired
from app.db.types import utc_now
from app.models.users import Role, User


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

    @property
    def is_admin(self) -> bool:
        """Whether the caller may administrate."""
        return self.user.role == Role.ADMIN

    @property
    def is_verified(self) -> bool:
        """Whether the caller has shown that the address is theirs."""
        return self.user.email_verified_at is not None

    def require_recent_password(self, minutes: float) -> None:
        """For what cannot be undone, or gives power over others.

        Raises:
            ReauthenticationRequired: if the session's last password check is older.
        """
        if utc_now() - self.authenticated_at > timedelta(minutes=minutes):
            raise ReauthenticationRequired
