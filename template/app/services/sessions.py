"""Being signed in on several devices, and signing out."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.components import Components
from app.core.exceptions import NotAuthenticated, NotFound
from app.core.pagination import PageQuery, Slice
from app.db.types import utc_now
from app.models.callers import Caller
from app.models.sessions import Session
from app.repositories.sessions import SessionRepository
from app.repositories.users import UserRepository
from app.schemas.auth import Logout, RevokedSessions
from app.schemas.sessions import OwnSession

log = structlog.get_logger("app.security")


class SessionService:
    """Lists and ends sessions."""

    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.tokens = components.security.tokens
        self.cursors = components.cursors

    async def mine(self, caller: Caller, query: PageQuery) -> Slice:
        """The living sessions of the caller."""
        async with self.database.read() as session:
            sessions = SessionRepository(session)
            statement = sessions.of_user(caller.id, utc_now())
            found = await sessions.page(statement, query, self.cursors, f"sessions:{caller.id}")
        return found.map(lambda entry: OwnSession.of(entry, current=entry.id == caller.session_id))

    async def end(self, caller: Caller, public_id: UUID) -> None:
        """End one session of the caller."""
        async with self.database.write() as session:
            mine = Session.user_id == caller.id, Session.public_id == public_id
            if not await SessionRepository(session).revoke(utc_now(), *mine):
                raise NotFound
            await session.commit()

    async def logout(self, data: Logout, bearer: str | None) -> None:
        """End the sessions that the tokens name, whatever their generation. Tokens that name none change nothing."""
        if data.refresh_token is None and bearer is None:
            raise NotAuthenticated
        refresh = self.tokens.refresh.read(data.refresh_token) if data.refresh_token else None
        access = self.tokens.access.read(bearer) if bearer else None
        ids = [claim.session_id for claim in (refresh, access) if claim]
        if not ids:
            return
        async with self.database.write() as session:
            await SessionRepository(session).revoke(utc_now(), Session.public_id.in_(ids))
            await session.commit()
        log.info("auth.logout", session_id=", ".join(map(str, ids)))

    async def logout_everywhere(self, caller: Caller) -> RevokedSessions:
        """End every session of the caller; the epoch ends those that are being opened at this moment."""
        async with self.database.write() as session:
            await UserRepository(session).raise_epoch(caller.id)
            ended = await SessionRepository(session).revoke(utc_now(), Session.user_id == caller.id)
            await session.commit()
        log.info("auth.logout", scope="all", revoked_sessions=ended)
        return RevokedSessions(revoked_sessions=ended)

    async def revoke(self, email: str | None) -> int | None:
        """End the sessions of one account, or of all if none is given. None if there is no such account."""
        async with self.database.write() as session:
            users, sessions = UserRepository(session), SessionRepository(session)
            user = await users.credentials(email) if email else None
            if email and user is None:
                return None
            await users.raise_epoch(*([user.id] if user else []))
            ended = await sessions.revoke(utc_now(), *([Session.user_id == user.id] if user else []))
            await session.commit()
        return ended

    async def clean_up(self, retention: timedelta, *, dry_run: bool = False) -> int:
        """Delete the sessions that ended longer ago than the retention, in batches that let traffic through."""
        moment = utc_now() - retention
        if dry_run:
            async with self.database.read() as session:
                return await SessionRepository(session).count_dead(moment)
        deleted = 0
        while batch := await self._delete_batch(moment):
            deleted += batch
        return deleted

    async def _delete_batch(self, moment: datetime) -> int:
        async with self.database.write() as session:
            batch = await SessionRepository(session).delete_dead(moment)
            await session.commit()
        return batch
