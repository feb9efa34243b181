"""Sessions in the database."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Select, and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import make_transient_to_detached

from app.core.security.access_tokens import AccessClaim
from app.core.security.refresh_tokens import RefreshClaim
from app.db.types import UtcDateTime
from app.models.callers import Caller
from app.models.sessions import Session
from app.models.users import User
from app.repositories.base import Repository, columns_of

CLEAN_UP_BATCH = 500


def _alive(now: Any) -> ColumnElement[bool]:
    """A session that may be used, unless its user is disabled or has a newer epoch (`_USER_AGREES`)."""
    return and_(Session.revoked_at.is_(None), Session.expires_at > now)


_NOW = bindparam("now", type_=UtcDateTime)
_ALIVE = _alive(_NOW)
_USER_AGREES = and_(User.is_active, User.auth_epoch == Session.auth_epoch)
_PUBLIC_ID = Session.public_id == bindparam("session_id")
_OWNER = select(User.public_id).where(User.id == Session.user_id).correlate(Session).scalar_subquery()

_USER_COLUMNS = columns_of(User)
_USER_KEYS = [column.name for column in _USER_COLUMNS]
_CALLER = (
    select(
        Session.id.label("session_id"),
        Session.public_id.label("session_public_id"),
        Session.authenticated_at,
        *_USER_COLUMNS,
    )
    .join_from(Session, User)
    .where(_PUBLIC_ID, User.public_id == bindparam("user_id"), _ALIVE, _USER_AGREES)
)
_LOCK = select(Session.id).where(_PUBLIC_ID).with_for_update()
_FAMILY = select(Session, User.public_id).join_from(Session, User).where(_PUBLIC_ID, _ALIVE, _USER_AGREES)
_IDLE_END = bindparam("idle_end", type_=UtcDateTime)
_ROTATE = (
    update(Session)
    .where(
        _PUBLIC_ID,
        Session.generation == bindparam("current"),
        _ALIVE,
        select(User.id).where(User.id == Session.user_id, _USER_AGREES).correlate(Session).exists(),
    )
    .values(
        generation=Session.generation + 1,
        last_used_at=_NOW,
        expires_at=case((Session.absolute_expires_at < _IDLE_END, Session.absolute_expires_at), else_=_IDLE_END),
    )
    .returning(Session, _OWNER)
    .execution_options(synchronize_session=False)
)


class Family(NamedTuple):
    """The session of a refresh token, and the public id of its user."""

    session: Session
    user_id: UUID


class CallerQuery:
    """The query of every authenticated request: one row, found by indexes, without a session of the ORM."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def find(self, claim: AccessClaim, now: datetime) -> Caller | None:
        """The user and the session of an access token, if the session may be used."""
        values = {"session_id": claim.session_id, "user_id": claim.user_id, "now": now}
        row = (await self.connection.execute(_CALLER, values)).one_or_none()
        if row is None:
            return None
        session_id, session_public_id, authenticated_at, *columns = row
        user = User(**dict(zip(_USER_KEYS, columns, strict=True)))
        # Make it a detached entity, so that it can be assigned as the owner of a new entity.
        make_transient_to_detached(user)
        return Caller(user, session_id, session_public_id, authenticated_at)


class SessionRepository(Repository[Session]):
    """Every change of a session is one conditional UPDATE: the database decides which request is first."""

    model = Session

    async def open(self, opened: Session, maximum: int) -> Session:
        """Add a session. If the user has more than `maximum`, those that were idle longest end."""
        await self.add(opened)
        surplus = (
            select(Session.id)
            .where(Session.user_id == opened.user_id, _ALIVE)
            .order_by(Session.last_used_at.desc(), Session.id.desc())
            .offset(maximum)
        )
        await self._revoke(opened.created_at, Session.id.in_(surplus))
        return opened

    async def lock(self, claim: RefreshClaim) -> None:
        """Wait until no other transaction changes this session."""
        await self.session.execute(_LOCK, {"session_id": claim.session_id})

    async def rotate(self, claim: RefreshClaim, idle_end: datetime, now: datetime) -> Family | None:
        """Redeem the current generation. Only one of several simultaneous attempts succeeds."""
        values = {"current": claim.generation, "idle_end": idle_end}
        return await self._family(_ROTATE, claim, now, values)

    async def family(self, claim: RefreshClaim, now: datetime) -> Family | None:
        """The session of a refresh token, if it may still be used."""
        return await self._family(_FAMILY, claim, now, {})

    async def reauthenticate(self, session_id: int, now: datetime) -> bool:
        """Record a password check. False if the session has ended."""
        statement = update(Session).where(Session.id == session_id, _ALIVE).values(authenticated_at=_NOW)
        found = await self.session.scalars(statement.returning(Session.id), {"now": now})
        return found.one_or_none() is not None

    async def revoke(self, now: datetime, public_ids: list[UUID], user_id: int | None = None) -> int:
        """End these sessions, only those of a user if one is given. Returns how many ended."""
        owned = [] if user_id is None else [Session.user_id == user_id]
        return await self._revoke(now, Session.public_id.in_(public_ids), *owned)

    async def revoke_of_user(self, user_id: int, now: datetime) -> int:
        """End all sessions of a user. Returns how many ended."""
        return await self._revoke(now, Session.user_id == user_id)

    async def revoke_all(self, now: datetime) -> int:
        """End all sessions of all users. Returns how many ended."""
        return await self._revoke(now)

    def of_user(self, user_id: int, now: datetime) -> Select[Session]:
        """The sessions of a user that may be used."""
        return self.select().where(Session.user_id == user_id, _alive(now))

    async def count_dead(self, moment: datetime) -> int:
        """How many sessions ended before the moment."""
        return (await self.session.scalars(select(func.count()).where(_dead_since(moment)))).one()

    async def delete_dead(self, moment: datetime) -> int:
        """Delete a batch of sessions that ended before the moment. Usable ones stay, so reuse is always detected."""
        batch = select(Session.id).where(_dead_since(moment)).limit(CLEAN_UP_BATCH)
        statement = delete(Session).where(Session.id.in_(batch)).returning(Session.id)
        return len((await self.session.scalars(statement)).all())

    async def _family(
        self, statement: Executable, claim: RefreshClaim, now: datetime, values: dict[str, object]
    ) -> Family | None:
        values = {"session_id": claim.session_id, "now": now, **values}
        row = (await self.session.execute(statement, values)).one_or_none()
        return Family(*row) if row else None

    async def _revoke(self, now: datetime, *conditions: ColumnElement[bool]) -> int:
        statement = update(Session).where(_ALIVE, *conditions).values(revoked_at=_NOW).returning(Session.id)
        return len((await self.session.scalars(statement, {"now": now})).all())


def _dead_since(moment: datetime) -> ColumnElement[bool]:
    return or_(Session.revoked_at < moment, Session.expires_at < moment)
