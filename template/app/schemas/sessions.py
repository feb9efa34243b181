"""Sign-ins as their owner sees them."""

from datetime import datetime
from typing import Self
from uuid import UUID

from app.models.sessions import Session
from app.schemas.base import Output


class OwnSession(Output):
    """One device that is signed in. `expires_at` moves with each refresh, up to the session's absolute end."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ip: str | None
    user_agent: str | None
    current: bool

    @classmethod
    def of(cls, session: Session, *, current: bool) -> Self:
        """Show a session; `current` is known only to whoever knows the caller."""
        return cls(
            id=session.public_id,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            expires_at=session.expires_at,
            ip=session.ip,
            user_agent=session.user_agent,
            current=current,
        )
