"""What users do with links that they got by mail, and the links that they may ask for."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.components import Components
from app.core.clients import Client
from app.core.exceptions import AppError, TooManyRequests
from app.core.mail import Note
from app.core.security.action_tokens import Action, ActionClaim, InvalidActionToken
from app.core.security.throttling import (
    RESET_ATTEMPTS,
    RESET_MAILS,
    RESET_REQUESTS,
    VERIFICATION_MAILS,
)
from app.db.types import utc_now
from app.models.callers import Caller
from app.models.users import User
from app.repositories.sessions import SessionRepository
from app.repositories.users import ERRORS, NOBODY, UserRepository
from app.schemas.emails import ActionToken, ForgottenPassword, PasswordReset

log = structlog.get_logger("app.security")


class EmailAlreadyVerified(AppError):
    """There is nothing left to verify."""

    status = 409
    code = "email_already_verified"
    detail = "Your e-mail address is already verified."


class EmailService:
    """Verifies addresses, changes them, and resets passwords. `AuthService` asks for a password before it sends a link.

    The token is checked again when the account is locked: of two simultaneous uses one is refused.
    """

    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.passwords = components.passwords
        self.password_policy = components.password_policy
        self.throttle = components.throttle
        self.action_tokens = components.action_tokens
        self.mailer = components.mailer

    async def verify(self, data: ActionToken) -> None:
        """Record that the address belongs to the account."""
        claim = self._read(Action.VERIFY_EMAIL, data.token)
        async with self.database.write() as session:
            user = await self._lock(session, claim)
            user.email_verified_at = utc_now()
            await session.commit()
        log.info("auth.email.verified", user_id=str(user.public_id))

    async def resend(self, caller: Caller) -> None:
        """Send the caller's link again."""
        self.mailer.require_enabled()
        if caller.is_verified:
            raise EmailAlreadyVerified
        await self.throttle.consume(VERIFICATION_MAILS, str(caller.user.public_id))
        token = self.action_tokens.issue(Action.VERIFY_EMAIL, caller.user)
        self.mailer.send(Action.VERIFY_EMAIL, caller.user.email, token)

    async def forgot(self, data: ForgottenPassword, client: Client) -> None:
        """Send a link if there is such an account. Does the same work if there is none."""
        self.mailer.require_enabled()
        await self.throttle.consume(RESET_REQUESTS, client.throttle_key)
        try:
            await self.throttle.consume(RESET_MAILS, data.email)
        except TooManyRequests:
            # A 429 would say as little, but would let anybody keep the owner from asking.
            return
        async with self.database.read() as session:
            found = await UserRepository(session).credentials_by_email(data.email)
        user = found if found and found.is_active else NOBODY
        token = self.action_tokens.issue(Action.RESET_PASSWORD, user)
        self.mailer.send(Action.RESET_PASSWORD, user.email or None, token)
        log.info("auth.password.reset_requested", user_id=str(user.public_id) if user.email else None, ip=client.ip)

    async def reset(self, data: PasswordReset) -> None:
        """Replace a forgotten password, and end every session. Whoever got the link has the address."""
        claim = self._read(Action.RESET_PASSWORD, data.token)
        async with self.database.read() as session:
            user = self._current(await UserRepository(session).by_public_id(claim.user_id), claim)
        await self.throttle.consume(RESET_ATTEMPTS, str(user.public_id))
        personal = (user.email, user.first_name, user.last_name)
        await self.password_policy.require(data.new_password, "#/new_password", personal)
        password_hash = await self.passwords.hash(data.new_password)
        now = utc_now()
        async with self.database.write() as session:
            user = await self._lock(session, claim)
            user.password_hash = password_hash
            user.email_verified_at = user.email_verified_at or now
            # Also ends logins with the old password that are under way, and every other link.
            user.auth_epoch += 1
            await SessionRepository(session).revoke_of_user(user.id, now)
            await session.commit()
        self.mailer.send(Note.PASSWORD_WAS_RESET, user.email)
        log.info("auth.password.reset", user_id=str(user.public_id))

    async def change(self, data: ActionToken) -> None:
        """Give the account its new address. Whoever got the link has it."""
        claim = self._read(Action.CHANGE_EMAIL, data.token)
        async with self.database.write(ERRORS) as session:
            user = await self._lock(session, claim)
            user.email = claim.new_email
            user.email_verified_at = utc_now()
            await session.commit()
        log.info("auth.email.changed", user_id=str(user.public_id))

    def _read(self, action: Action, token: str) -> ActionClaim:
        self.mailer.require_enabled()
        return self.action_tokens.read(action, token)

    async def _lock(self, session: AsyncSession, claim: ActionClaim) -> User:
        return self._current(await UserRepository(session).locked_by_public_id(claim.user_id), claim)

    def _current(self, user: User | None, claim: ActionClaim) -> User:
        if user is None or not user.is_active:
            raise InvalidActionToken
        self.action_tokens.require_current(claim, user)
        return user
