"""Sign-ins in the database."""

from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Select, case, delete, func, or_, select, update

from app.core.clients import Client
from app.core.security.access_tokens import AccessClaim
from app.core.security.refresh_tokens import RefreshClaim
from app.core.security.session_policy import SessionPolicy
from app.models.callers import Caller
from app.models.sessions import Session
from app.models.users import User
from app.repositories.base import Repository

CLEAN_UP_BATCH = 500


class Account(Protocol):
    """Whom a session is opened for: the epoch is as old as the check of the password."""

    @property
    def id(self) -> int: ...

    @property
    def auth_epoch(self) -> int: ...


class Family(NamedTuple):
    """A session as a refresh sees it."""

    public_id: UUID
    generation: int
    expires_at: datetime
    absolute_expires_at: datetime
    last_used_at: datetime
    user_id: UUID


_OWNER = select(User.public_id).where(User.id == Session.user_id).correlate(Session).scalar_subquery()
_FAMILY = (
    Session.public_id, Session.generation, Session.expires_at, Session.absolute_expires_at, Session.last_used_at,
    _OWNER,
)  # fmt: skip
_CALLER = select(
    User.id, User.public_id, User.email, User.first_name, User.last_name, User.is_active, User.auth_epoch,
    User.created_at, User.updated_at, User.last_login_at,
    Session.id.label("session_id"), Session.public_id.label("session_public_id"), Session.authenticated_at,
).join_from(Session, User)  # fmt: skip


def _alive(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What makes a session one that may be used. With `_owner_agrees` this is the only place that says so."""
    return Session.revoked_at.is_(None), Session.expires_at > now


def _owner_agrees() -> ColumnElement[bool]:
    return User.is_active & (User.auth_epoch == Session.auth_epoch)


class SessionRepository(Repository[Session]):
    """Every change of a session is one conditional UPDATE: the database decides who was first."""

    model = Session

    async def caller(self, claim: AccessClaim, now: datetime) -> Caller | None:
        """Session and user of an access token, in one query by indexes."""
        statement = _CALLER.where(Session.public_id == claim.session_id, User.public_id == claim.user_id)
        row = (await self.session.execute(statement.where(*_alive(now), _owner_agrees()))).one_or_none()
        return Caller(**row._mapping) if row else None  # noqa: SLF001  the documented name

    async def open(self, user: Account, client: Client, policy: SessionPolicy, now: datetime) -> Session:
        """Begin a session, stamped with the epoch that was read together with the verified hash."""
        absolute_expires_at = now + policy.absolute
        opened = await self.add(
            Session(
                user_id=user.id, auth_epoch=user.auth_epoch, ip=client.ip, user_agent=client.user_agent,
                created_at=now, authenticated_at=now, last_used_at=now,
                expires_at=min(absolute_expires_at, now + policy.idle), absolute_expires_at=absolute_expires_at,
            )
        )  # fmt: skip
        await self._make_room(user.id, policy.maximum, now)
        return opened

    async def lock(self, claim: RefreshClaim) -> None:
        """Wait until nobody else writes to this session."""
        await self.session.execute(select(Session.id).where(Session.public_id == claim.session_id).with_for_update())

    async def rotate(self, claim: RefreshClaim, policy: SessionPolicy, now: datetime) -> Family | None:
        """Redeem the current generation. Of any number of simultaneous attempts, one finds its row."""
        idle_end = now + policy.idle
        owner = select(User.id).where(User.id == Session.user_id, _owner_agrees()).exists()
        statement = (
            update(Session)
            .where(Session.public_id == claim.session_id, Session.generation == claim.generation, *_alive(now), owner)
            .values(
                generation=Session.generation + 1,
                last_used_at=now,
                expires_at=case((Session.absolute_expires_at < idle_end, Session.absolute_expires_at), else_=idle_end),
            )
            .returning(*_FAMILY)
        )
        return await self._family(statement)

    async def family(self, claim: RefreshClaim, now: datetime) -> Family | None:
        """The session of a refresh token, if it may still be used."""
        statement = select(*_FAMILY).join_from(Session, User)
        return await self._family(statement.where(Session.public_id == claim.session_id, *_alive(now), _owner_agrees()))

    async def reauthenticate(self, session_id: int, now: datetime) -> bool:
        """False if the session ended meanwhile."""
        statement = update(Session).where(Session.id == session_id, *_alive(now)).values(authenticated_at=now)
        return (await self.session.scalars(statement.returning(Session.id))).one_or_none() is not None

    async def revoke(self, now: datetime, *conditions: ColumnElement[bool]) -> int:
        """End the living sessions that meet the conditions; all if none is given. Answers how many."""
        statement = update(Session).where(*_alive(now), *conditions).values(revoked_at=now).returning(Session.id)
        return len((await self.session.scalars(statement)).all())

    def of_user(self, user_id: int, now: datetime) -> Select[Session]:
        """The living sessions of a user."""
        return self.select().where(Session.user_id == user_id, *_alive(now))

    async def count_dead(self, moment: datetime) -> int:
        """How many sessions ended before the moment."""
        return (await self.session.scalars(select(func.count()).where(_dead_since(moment)))).one()

    async def delete_dead(self, moment: datetime) -> int:
        """Delete one batch of what ended before the moment. Living sessions stay, so reuse is always detected."""
        batch = select(Session.id).where(_dead_since(moment)).limit(CLEAN_UP_BATCH)
        statement = delete(Session).where(Session.id.in_(batch)).returning(Session.id)
        return len((await self.session.scalars(statement)).all())

    async def _family(self, statement: Executable) -> Family | None:
        row = (await self.session.execute(statement)).one_or_none()
        return Family(*row) if row else None

    async def _make_room(self, user_id: int, maximum: int, now: datetime) -> None:
        surplus = (
            select(Session.id)
            .where(Session.user_id == user_id, *_alive(now))
            .order_by(Session.last_used_at.desc(), Session.id.desc())
            .offset(maximum)
        )
        await self.revoke(now, Session.id.in_(surplus))


def _dead_since(moment: datetime) -> ColumnElement[bool]:
    return or_(Session.revoked_at < moment, Session.expires_at < moment)
