"""Accounts."""

from uuid import UUID

import structlog

from app.components import Components
from app.core.clients import Client
from app.core.exceptions import AppError, Forbidden, InvalidToken, NotFound
from app.core.security.password_policy import require_strong
from app.core.security.tokens import TokenPair
from app.core.throttling import REGISTRATIONS
from app.db.database import Refusals
from app.db.types import utc_now
from app.models.callers import Caller
from app.models.users import User
from app.repositories.sessions import SessionRepository
from app.repositories.users import UserRepository
from app.schemas.auth import Register
from app.schemas.users import UserUpdate

log = structlog.get_logger("app.security")


class EmailTaken(AppError):
    """Decided by the database, so that the loser of two simultaneous registrations gets it too."""

    status = 409
    code = "email_taken"
    detail = "There is an account with this e-mail address."


REFUSALS: Refusals = {"uq_users_email": EmailTaken}


class ReauthenticationRequired(Forbidden):
    """The password was last checked too long ago for something that cannot be undone."""

    code = "reauthentication_required"
    detail = "Confirm your password at /api/v1/auth/reauthenticate first."


class UserService:
    """Begins, shows, changes and ends accounts."""

    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.security = components.security
        self.app_name = components.settings.app_name

    async def register(self, data: Register, client: Client) -> TokenPair:
        """Begin an account and its first session."""
        await self.security.throttle.consume(REGISTRATIONS, client.throttle_key)
        user = await self._prepare(data)
        now = utc_now()
        async with self.database.write(REFUSALS) as session:
            await UserRepository(session).add(user)
            opened = await SessionRepository(session).open(user, client, self.security.policy, now)
            await session.commit()
        log.info("auth.login.succeeded", user_id=str(user.public_id), session_id=str(opened.public_id), registered=True)
        return self.security.tokens.pair(user.public_id, opened, now)

    async def create(self, data: Register) -> User:
        """Begin an account without a session, by the rules of `register`."""
        user = await self._prepare(data)
        async with self.database.write(REFUSALS) as session:
            await UserRepository(session).add(user)
            await session.commit()
        return user

    async def all(self) -> list[User]:
        """Every account, oldest first."""
        async with self.database.read() as session:
            return await UserRepository(session).all()

    async def visible(self, public_id: UUID) -> User:
        """Somebody whom every caller may see."""
        async with self.database.read() as session:
            user = await UserRepository(session).active(public_id)
        if user is None:
            raise NotFound
        return user

    async def update(self, caller: Caller, data: UserUpdate) -> User:
        """Change the caller's own names."""
        async with self.database.write() as session:
            user = await UserRepository(session).locked(caller.id)
            if user is None:
                raise InvalidToken
            for name, value in data.model_dump().items():
                setattr(user, name, value)
            await session.commit()
        return user

    async def delete(self, caller: Caller) -> None:
        """End the caller's account and everything that belongs to it."""
        if utc_now() - caller.authenticated_at > self.security.policy.reauthentication:
            raise ReauthenticationRequired
        async with self.database.write() as session:
            if not await UserRepository(session).remove(caller.id):
                raise InvalidToken
            await session.commit()
        log.info("user.deleted", user_id=str(caller.public_id))

    async def _prepare(self, data: Register) -> User:
        personal = (data.email, data.first_name, data.last_name, self.app_name)
        await require_strong(data.password, "#/password", personal)
        hashed = await self.security.passwords.hash(data.password)
        return User(email=data.email, first_name=data.first_name, last_name=data.last_name, password_hash=hashed)
