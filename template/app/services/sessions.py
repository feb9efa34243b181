"""The sessions of an account: list them and end them."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.components import Components
from app.core.exceptions import NotFound
from app.core.pagination import PageQuery, Slice
from app.core.security.encryption import InvalidSealError
from app.db.types import utc_now
from app.models.callers import Caller
from app.models.sessions import Session
from app.repositories.sessions import SessionRepository
from app.repositories.users import UserRepository
from app.schemas.auth import RevokedSessions
from app.schemas.sessions import OwnSession

log = structlog.get_logger("app.security")


class SessionService:
    """Lists and ends sessions."""

    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.column_sealer = components.column_sealer
        self.cursors = components.cursors

    async def mine(self, caller: Caller, query: PageQuery) -> Slice:
        """The sessions of the caller that may be used."""
        async with self.database.read() as session:
            sessions = SessionRepository(session)
            statement = sessions.of_user(caller.id, utc_now())
            found = await sessions.page(statement, query, self.cursors, f"sessions:{caller.id}")
        return found.map(lambda entry: self._show(entry, caller))

    async def end(self, caller: Caller, public_id: UUID) -> None:
        """End one session of the caller."""
        async with self.database.write() as session:
            if not await SessionRepository(session).revoke(utc_now(), [public_id], caller.id):
                raise NotFound
            await session.commit()

    async def end_all(self, caller: Caller) -> RevokedSessions:
        """End every session of the caller. The epoch ends those that are being opened at this moment."""
        async with self.database.write() as session:
            await UserRepository(session).raise_epoch(caller.id)
            ended = await SessionRepository(session).revoke_of_user(caller.id, utc_now())
            await session.commit()
        log.info("auth.logout", scope="all", revoked_sessions=ended)
        return RevokedSessions(revoked_sessions=ended)

    async def revoke(self, email: str) -> int | None:
        """End every session of an account; None if there is no such account."""
        async with self.database.write() as session:
            users = UserRepository(session)
            user = await users.by_email(email)
            if user is None:
                return None
            await users.raise_epoch(user.id)
            ended = await SessionRepository(session).revoke_of_user(user.id, utc_now())
            await session.commit()
        return ended

    async def revoke_all(self) -> int:
        """End every session of all accounts."""
        async with self.database.write() as session:
            await UserRepository(session).raise_all_epochs()
            ended = await SessionRepository(session).revoke_all(utc_now())
            await session.commit()
        return ended

    async def count_ended(self, retention: timedelta) -> int:
        """How many sessions ended longer ago than the retention."""
        async with self.database.read() as session:
            return await SessionRepository(session).count_dead(utc_now() - retention)

    async def clean_up(self, retention: timedelta) -> AsyncIterator[int]:
        """Delete sessions that ended longer ago than the retention. Yields how many each small transaction deleted."""
        moment = utc_now() - retention
        while batch := await self._delete_batch(moment):
            yield batch

    async def _delete_batch(self, moment: datetime) -> int:
        async with self.database.write() as session:
            batch = await SessionRepository(session).delete_dead(moment)
            await session.commit()
        return batch

    def _show(self, entry: Session, caller: Caller) -> OwnSession:
        return OwnSession(
            id=entry.public_id,
            created_at=entry.created_at,
            last_used_at=entry.last_used_at,
            expires_at=entry.expires_at,
            ip=self._open(entry.ip, "sessions.ip"),
            user_agent=self._open(entry.user_agent, "sessions.user_agent"),
            current=entry.id == caller.session_id,
        )

    def _open(self, sealed: str | None, context: str) -> str | None:
        """None if no configured key opens it: users must still be able to see their sessions after a key is lost."""
        try:
            return self.column_sealer.open(sealed, context).decode() if sealed else None
        except InvalidSealError:
            return None
