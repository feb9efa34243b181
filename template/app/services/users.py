"""Accounts."""

from uuid import UUID

import structlog

from app.components import Components
from app.core.exceptions import InvalidToken, LastAdmin, NotFound
from app.models.callers import Caller
from app.models.users import User
from app.repositories.users import UserRepository
from app.schemas.users import UserUpdate

log = structlog.get_logger("app.security")


class UserService:
    """Shows, changes and deletes accounts. `AuthService` creates them."""

    def __init__(self, components: Components) -> None:
        self.settings = components.settings
        self.database = components.database

    async def all(self) -> list[User]:
        """Every account, oldest first."""
        async with self.database.read() as session:
            return await UserRepository(session).all()

    async def visible(self, public_id: UUID) -> User:
        """An account that every caller may see."""
        async with self.database.read() as session:
            user = await UserRepository(session).active(public_id)
        if user is None:
            raise NotFound
        return user

    async def update(self, caller: Caller, data: UserUpdate) -> User:
        """Change the caller's own account."""
        async with self.database.write() as session:
            user = await UserRepository(session).locked(caller.id)
            if user is None:
                raise InvalidToken
            for name, value in data.model_dump().items():
                setattr(user, name, value)
            await session.commit()
        return user

    async def delete(self, caller: Caller) -> None:
        """Delete the caller's account and everything that belongs to it."""
        caller.require_recent_password(self.settings.reauthentication_minutes)
        async with self.database.write() as session:
            users = UserRepository(session)
            if await users.lock_admins() == [caller.id]:
                raise LastAdmin
            if not await users.remove(caller.id):
                raise InvalidToken
            await session.commit()
        log.info("user.deleted", user_id=str(caller.user.public_id))
