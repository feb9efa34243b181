"""Count sessions, and make them older."""

from datetime import timedelta

from sqlalchemy import func, select

from app.models.sessions import Session
from app.models.users import User
from tests.fixtures.applications import Api

MOMENTS = ("created_at", "authenticated_at", "last_used_at", "expires_at", "absolute_expires_at", "revoked_at")


async def time_passes(api: Api, user: User | None = None, **span: float) -> None:
    """Move all sessions, or those of a user, into the past instead of waiting."""
    rows = select(Session).where(Session.user_id == user.id) if user else select(Session)
    async with api.database.write() as session:
        for row in await session.scalars(rows):
            for name in MOMENTS:
                if moment := getattr(row, name):
                    setattr(row, name, moment - timedelta(**span))
        await session.commit()


async def count_sessions(api: Api, user: User | None = None) -> int:
    """The number of rows, of all users or of one. Ended sessions are included."""
    rows = select(func.count(Session.id)).where(*[Session.user_id == user.id] if user else [])
    async with api.database.read() as session:
        return (await session.scalars(rows)).one()
