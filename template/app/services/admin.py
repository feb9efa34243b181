"""What administrators do with the accounts of others."""

from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.components import Components
from app.core.etags import etag, require_match
from app.core.exceptions import Forbidden, LastAdmin, NotFound
from app.core.pagination import PageQuery, Slice
from app.db.types import utc_now
from app.models.callers import Caller
from app.models.users import Role, User
from app.repositories.sessions import SessionRepository
from app.repositories.users import UserQueries, UserRepository
from app.schemas.admin import ManagedUserUpdate
from app.schemas.auth import RevokedSessions

UserRow: TypeAlias = Row[*tuple[Any, ...]]
# In place of an administrator's id in the log.
COMMAND_LINE = "command line"

log = structlog.get_logger("app.security")


def account_tag(updated_at: datetime) -> str:
    """The tag of an account. A sign-in is no change: it must not refuse what an administrator does."""
    return etag(round(updated_at.timestamp() * 1_000_000))


class AdminService:
    """Lists, changes and deletes any account. Each change needs a recent password check and is logged.

    Every change locks all administrators first, then the account. The locks show who is an administrator now: the
    caller may have been demoted since the request began, and the last one stays, whatever happens at the same moment.
    """

    def __init__(self, components: Components) -> None:
        self.settings = components.settings
        self.database = components.database
        self.cursors = components.cursors

    async def all(self, query: PageQuery, prefix: str, role: Role | None, *, is_active: bool | None) -> Slice:
        """All accounts, or those that match."""
        async with self.database.read_rows() as connection:
            return await UserQueries(connection, self.cursors).matching(query, prefix, role, is_active=is_active)

    async def one(self, public_id: UUID) -> UserRow:
        """One account."""
        async with self.database.read_rows() as connection:
            user = await UserQueries(connection, self.cursors).one(public_id)
        if user is None:
            raise NotFound
        return user

    async def update(
        self, caller: Caller, public_id: UUID, data: ManagedUserUpdate, if_match: list[str] | None
    ) -> User:
        """Change the role or the state of an account. Disabling ends its sessions."""
        caller.require_recent_password(self.settings.reauthentication_minutes)
        async with self.database.write() as session:
            users = UserRepository(session)
            admins = await users.lock_admins()
            user = await self._found(users, public_id, if_match)
            changed = await self._change(session, user, data, admins)
            self._still_admin(caller, admins)
            await session.commit()
        if changed:
            _log_update(str(caller.user.public_id), user, changed)
        return user

    async def revoke_sessions(self, caller: Caller, public_id: UUID) -> RevokedSessions:
        """End every session of an account, also those that are being opened at this moment."""
        caller.require_recent_password(self.settings.reauthentication_minutes)
        async with self.database.write() as session:
            users = UserRepository(session)
            self._still_admin(caller, await users.lock_admins())
            user = await self._found(users, public_id, None)
            await users.raise_epoch(user.id)
            ended = await SessionRepository(session).revoke_of_user(user.id, utc_now())
            await session.commit()
        known = {"actor": str(caller.user.public_id), "target": str(user.public_id)}
        log.info("admin.sessions.revoked", **known, revoked_sessions=ended)
        return RevokedSessions(revoked_sessions=ended)

    async def delete(self, caller: Caller, public_id: UUID, if_match: list[str] | None) -> None:
        """Delete an account and everything that belongs to it."""
        caller.require_recent_password(self.settings.reauthentication_minutes)
        async with self.database.write() as session:
            users = UserRepository(session)
            admins = await users.lock_admins()
            user = await self._found(users, public_id, if_match)
            if admins == [user.id]:
                raise LastAdmin
            self._still_admin(caller, admins)
            await users.remove(user.id)
            await session.commit()
        log.info("admin.user.deleted", actor=str(caller.user.public_id), target=str(user.public_id))

    async def update_by_email(self, email: str, data: ManagedUserUpdate) -> User | None:
        """The same change on the command line; None if there is no such account."""
        async with self.database.write() as session:
            users = UserRepository(session)
            admins = await users.lock_admins()
            user = await users.locked_by_email(email)
            if user is None:
                return None
            changed = await self._change(session, user, data, admins)
            await session.commit()
        if changed:
            _log_update(COMMAND_LINE, user, changed)
        return user

    async def _found(self, users: UserRepository, public_id: UUID, if_match: list[str] | None) -> User:
        user = await users.locked_by_public_id(public_id)
        if user is None:
            raise NotFound
        require_match(if_match, account_tag(user.updated_at))
        return user

    async def _change(
        self, session: AsyncSession, user: User, data: ManagedUserUpdate, admins: list[int]
    ) -> dict[str, Any]:
        """Set what differs, and tell it."""
        changed = {name: value for name, value in data.model_dump().items() if value != getattr(user, name)}
        for name, value in changed.items():
            setattr(user, name, value)
        if admins == [user.id] and not (user.is_active and user.role == Role.ADMIN):
            raise LastAdmin
        if changed.get("is_active") is False:
            # The epoch also ends what is being opened at this moment, and every link that was sent by mail.
            user.auth_epoch += 1
            await SessionRepository(session).revoke_of_user(user.id, utc_now())
        return changed

    def _still_admin(self, caller: Caller, admins: list[int]) -> None:
        if caller.id not in admins:
            raise Forbidden


def _log_update(actor: str, user: User, changed: dict[str, Any]) -> None:
    log.info("admin.user.updated", actor=actor, target=str(user.public_id), changed=changed)
