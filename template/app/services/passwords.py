"""The password of somebody who is signed in."""

import structlog

from app.components import Components
from app.core.clients import Client
from app.core.exceptions import FieldError, Forbidden, InvalidInput, InvalidToken
from app.core.security.password_policy import require_strong
from app.core.security.tokens import TokenPair
from app.core.throttling import PASSWORD_FAILURES
from app.db.types import utc_now
from app.models.callers import Caller
from app.models.sessions import Session
from app.repositories.sessions import SessionRepository
from app.repositories.users import Credentials, UserRepository
from app.schemas.auth import ChangePassword, Reauthenticate

log = structlog.get_logger("app.security")


class WrongPassword(Forbidden):
    """Somebody signed in got their own password wrong: the session stays."""

    code = "wrong_password"
    detail = "The password is wrong."


class PasswordUnchanged(InvalidInput):
    """A change that would change nothing."""

    code = "password_unchanged"
    detail = "The new password is the old one."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("#/new_password", self.code, self.detail)])


class PasswordService:
    """Checks and changes the caller's password. No connection is held while a password is hashed."""

    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.security = components.security
        self.app_name = components.settings.app_name

    async def reauthenticate(self, caller: Caller, data: Reauthenticate) -> None:
        """Make the session's authentication recent."""
        await self._verified(caller, data.password)
        async with self.database.write() as session:
            if not await SessionRepository(session).reauthenticate(caller.session_id, utc_now()):
                raise InvalidToken
            await session.commit()

    async def change(self, caller: Caller, data: ChangePassword, client: Client) -> TokenPair:
        """Replace the password, end every session, begin a new one."""
        user = await self._verified(caller, data.current_password)
        if data.new_password == data.current_password:
            raise PasswordUnchanged
        personal = (caller.email, caller.first_name, caller.last_name, self.app_name)
        await require_strong(data.new_password, "#/new_password", personal)
        hashed = await self.security.passwords.hash(data.new_password)
        while (tokens := await self._replaced(user, hashed, client)) is None:
            # A login renewed the hash of the same password, or this is no caller any more: a second check tells.
            user = await self._verified(caller, data.current_password)
        log.info("auth.password.changed", user_id=str(caller.public_id))
        return tokens

    async def _replaced(self, user: Credentials, hashed: str, client: Client) -> TokenPair | None:
        now = utc_now()
        async with self.database.write() as session:
            epoch = await UserRepository(session).change_password(user, hashed)
            if epoch is None:
                return None
            sessions = SessionRepository(session)
            await sessions.revoke(now, Session.user_id == user.id)
            opened = await sessions.open(user._replace(auth_epoch=epoch), client, self.security.policy, now)
            await session.commit()
        return self.security.tokens.pair(user.public_id, opened, now)

    async def _verified(self, caller: Caller, password: str) -> Credentials:
        async with self.database.read() as session:
            user = await UserRepository(session).credentials_of(caller.id)
        if user is None or not user.is_active or user.auth_epoch != caller.auth_epoch:
            raise InvalidToken
        async with self.security.throttle.failures(PASSWORD_FAILURES, str(caller.public_id)):
            if not await self.security.passwords.verify(password, user.password_hash):
                raise WrongPassword
        return user
