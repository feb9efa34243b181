"""Sessions in responses."""

from datetime import datetime
from uuid import UUID

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
