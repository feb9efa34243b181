"""Sign up, sign in, stay signed in, sign out, and the password of an account.

No database connection is held while a password is hashed.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.components import Components
from app.core.clients import Client
from app.core.exceptions import (
    AppError,
    FieldError,
    Forbidden,
    InvalidInput,
    InvalidToken,
    NotAuthenticated,
    TooManyRequests,
)
from app.core.mail import Note
from app.core.security.access_tokens import AccessClaim
from app.core.security.action_tokens import Action
from app.core.security.refresh_tokens import RefreshClaim
from app.core.security.throttling import (
    EMAIL_CHANGES,
    LOGIN_ATTEMPTS,
    LOGIN_FAILURES,
    PASSWORD_FAILURES,
    REFRESH_FAILURES,
    REGISTRATIONS,
)
from app.db.types import utc_now
from app.models.callers import Caller
from app.models.sessions import Session
from app.models.users import Role, User
from app.repositories.sessions import CallerQuery, Family, SessionRepository
from app.repositories.users import ERRORS, Credentials, UserRepository
from app.schemas.auth import ChangePassword, Login, Logout, Reauthenticate, Refresh, Register, Tokens
from app.schemas.emails import ChangeEmail

log = structlog.get_logger("app.security")


class InvalidCredentials(AppError):
    """The same response, in the same time, for an unknown address, a disabled account and a wrong password."""

    status = 401
    code = "invalid_credentials"
    detail = "The e-mail address or the password is wrong."
    headers = {"WWW-Authenticate": "Bearer"}  # noqa: RUF012


class InvalidRefreshToken(AppError):
    """Forged, expired, or of a session that has ended."""

    status = 401
    code = "invalid_refresh_token"
    detail = "The refresh token is invalid or has expired. Sign in again."
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}  # noqa: RUF012


class RefreshTokenReused(InvalidRefreshToken):
    """The token was copied. Client and attacker look the same, so the session ends for both (RFC 9700 §4.14.2)."""

    code = "refresh_token_reused"
    detail = "This refresh token was used before. The session has ended; sign in again."


class WrongPassword(Forbidden):
    """The caller's own password. The session stays."""

    code = "wrong_password"
    detail = "The password is wrong."


class PasswordUnchanged(InvalidInput):
    """The new password equals the current one."""

    code = "password_unchanged"
    detail = "The new password is the current one."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("#/new_password", self.code, self.detail)])


class EmailUnchanged(InvalidInput):
    """The new address is the current one."""

    code = "email_unchanged"
    detail = "The new address is the current one."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("#/new_email", self.code, self.detail)])


class AuthService:
    """Everything that opens a session, keeps it open, or proves who the caller is."""

    def __init__(self, components: Components) -> None:
        self.settings = components.settings
        self.database = components.database
        self.passwords = components.passwords
        self.password_policy = components.password_policy
        self.access_tokens = components.access_tokens
        self.refresh_tokens = components.refresh_tokens
        self.throttle = components.throttle
        self.column_sealer = components.column_sealer
        self.action_tokens = components.action_tokens
        self.mailer = components.mailer

    async def authenticate(self, token: str) -> Caller:
        """The caller that an access token belongs to."""
        claim = self.access_tokens.read(token)
        if claim is None:
            raise InvalidToken
        async with self.database.read_rows() as connection:
            caller = await CallerQuery(connection).find(claim, utc_now())
        if caller is None:
            raise InvalidToken
        structlog.contextvars.bind_contextvars(
            user_id=str(caller.user.public_id), session_id=str(caller.session_public_id)
        )
        return caller

    async def register(self, data: Register, client: Client) -> Tokens:
        """Create an account and open its first session."""
        await self.throttle.consume(REGISTRATIONS, client.throttle_key)
        user = await self._new_user(data)
        now = utc_now()
        async with self.database.write(ERRORS) as session:
            await UserRepository(session).add(user)
            opened = await self._open(SessionRepository(session), user.id, user.auth_epoch, client, now)
            await session.commit()
        self.mailer.send(Action.VERIFY_EMAIL, user.email, self.action_tokens.issue(Action.VERIFY_EMAIL, user))
        log.info("auth.login.succeeded", user_id=str(user.public_id), session_id=str(opened.public_id), registered=True)
        return self._tokens(user.public_id, opened, now)

    async def create_account(self, data: Register, role: Role = Role.USER) -> User:
        """Create an account without a session, by the rules of `register`."""
        user = await self._new_user(data)
        user.role = role
        async with self.database.write(ERRORS) as session:
            await UserRepository(session).add(user)
            await session.commit()
        return user

    async def login(self, data: Login, client: Client) -> Tokens:
        """Open a session."""
        try:
            await self.throttle.consume(LOGIN_ATTEMPTS, client.throttle_key)
            async with self.throttle.failures(LOGIN_FAILURES, data.email, client.throttle_key):
                user, new_hash = await self._check_credentials(data)
                return await self._begin(user, new_hash, client)
        except TooManyRequests:
            log.warning("auth.login.throttled", ip=client.ip)
            raise
        except InvalidCredentials:
            log.warning("auth.login.failed", ip=client.ip)
            raise

    async def refresh(self, data: Refresh, client: Client) -> Tokens:
        """Exchange a refresh token for a new pair."""
        async with self.throttle.later_failures(REFRESH_FAILURES, client.throttle_key):
            claim = self.refresh_tokens.read(data.refresh_token)
            if claim is None:
                raise InvalidRefreshToken
            return await self._redeem(claim)

    async def logout(self, data: Logout, bearer: str | None) -> None:
        """End the sessions of the tokens, whatever their generation. Invalid tokens change nothing."""
        if data.refresh_token is None and bearer is None:
            raise NotAuthenticated
        refresh = self.refresh_tokens.read(data.refresh_token) if data.refresh_token else None
        access = self.access_tokens.read(bearer) if bearer else None
        ids = [claim.session_id for claim in (refresh, access) if claim]
        if not ids:
            return
        async with self.database.write() as session:
            await SessionRepository(session).revoke(utc_now(), ids)
            await session.commit()
        log.info("auth.logout", session_id=", ".join(map(str, ids)))

    async def reauthenticate(self, caller: Caller, data: Reauthenticate) -> None:
        """Check the caller's password, for operations that need a recent check."""
        await self._check_password(caller, data.password)
        async with self.database.write() as session:
            if not await SessionRepository(session).reauthenticate(caller.session_id, utc_now()):
                raise InvalidToken
            await session.commit()

    async def change_password(self, caller: Caller, data: ChangePassword, client: Client) -> Tokens:
        """Replace the password, end every session, and open a new one."""
        user = await self._check_password(caller, data.current_password)
        if data.new_password == data.current_password:
            raise PasswordUnchanged
        personal = (caller.user.email, caller.user.first_name, caller.user.last_name)
        await self.password_policy.require(data.new_password, "#/new_password", personal)
        new_hash = await self.passwords.hash(data.new_password)
        while (tokens := await self._replace_password(user, new_hash, client)) is None:
            # A login renewed the hash of the same password, or the caller's sessions have ended. Check again.
            user = await self._check_password(caller, data.current_password)
        log.info("auth.password.changed", user_id=str(caller.user.public_id))
        return tokens

    async def change_email(self, caller: Caller, data: ChangeEmail) -> None:
        """Send a link to the new address, or a note if it has an account, and a note to the old address.

        The caller must not learn which of the two: that would tell who has an account.
        """
        self.mailer.require_enabled()
        await self.throttle.consume(EMAIL_CHANGES, str(caller.user.public_id))
        user = await self._check_password(caller, data.password)
        if data.new_email == user.email:
            raise EmailUnchanged
        async with self.database.read() as session:
            other = await UserRepository(session).credentials_by_email(data.new_email)
        token = self.action_tokens.issue(Action.CHANGE_EMAIL, user, data.new_email)
        recipient = data.new_email if other is None or other.is_active else None
        self.mailer.send(Note.EMAIL_HAS_ACCOUNT if other else Action.CHANGE_EMAIL, recipient, token)
        self.mailer.send(Note.EMAIL_CHANGE_REQUESTED, user.email)

    async def _new_user(self, data: Register) -> User:
        await self.password_policy.require(data.password, "#/password", (data.email, data.first_name, data.last_name))
        password_hash = await self.passwords.hash(data.password)
        return User(**data.model_dump(exclude={"password"}), password_hash=password_hash, auth_epoch=0, is_active=True)

    async def _check_credentials(self, data: Login) -> tuple[Credentials, str | None]:
        """The account, and a new hash of the password if the parameters of hashing have changed."""
        async with self.database.read() as session:
            user = await UserRepository(session).credentials_by_email(data.email)
        password_hash = user.password_hash if user and user.is_active else None
        matches = await self.passwords.verify(data.password, password_hash)
        if user is None or not matches:
            raise InvalidCredentials
        outdated = self.passwords.outdated(user.password_hash)
        return user, await self.passwords.hash(data.password) if outdated else None

    async def _begin(self, user: Credentials, new_hash: str | None, client: Client) -> Tokens:
        now = utc_now()
        async with self.database.write() as session:
            users = UserRepository(session)
            if not await users.record_login(user, now):
                raise InvalidCredentials
            if new_hash:
                await users.rehash(user, new_hash)
            opened = await self._open(SessionRepository(session), user.id, user.auth_epoch, client, now)
            await session.commit()
        log.info("auth.login.succeeded", user_id=str(user.public_id), session_id=str(opened.public_id), ip=client.ip)
        return self._tokens(user.public_id, opened, now)

    async def _redeem(self, claim: RefreshClaim) -> Tokens:
        arrived = utc_now()
        async with self.database.write() as session:
            sessions = SessionRepository(session)
            await sessions.lock(claim)
            # Read the clock after taking the lock: waiting must not use up the grace period.
            now = utc_now()
            idle_end = now + timedelta(days=self.settings.jwt_refresh_token_idle_days)
            family = await sessions.rotate(claim, idle_end, now)
            if family is None:
                family = await self._repeat(sessions, claim, arrived, now)
            await session.commit()
        return self._tokens(family.user_id, family.session, now)

    async def _repeat(
        self, sessions: SessionRepository, claim: RefreshClaim, arrived: datetime, now: datetime
    ) -> Family:
        """A token that is not the current one: within the grace period it gets its successor again."""
        family = await sessions.family(claim, now)
        if family is None:
            raise InvalidRefreshToken
        known = {"user_id": str(family.user_id), "session_id": str(family.session.public_id)}
        if family.session.generation <= claim.generation:
            log.critical("auth.refresh.from_the_future", **known)
            raise InvalidRefreshToken
        # The request that rotated may have read the clock after this one arrived, so never count less than zero.
        elapsed = max((arrived - family.session.last_used_at).total_seconds(), 0)
        is_predecessor = family.session.generation == claim.generation + 1
        if is_predecessor and elapsed < self.settings.jwt_refresh_token_grace_seconds:
            return family
        if not await sessions.revoke(now, [family.session.public_id]):
            raise InvalidRefreshToken
        # Commit before raising: the 401 must not roll the revocation back.
        await sessions.session.commit()
        log.warning("auth.refresh.reused", **known)
        raise RefreshTokenReused

    async def _check_password(self, caller: Caller, password: str) -> Credentials:
        async with self.database.read() as session:
            user = await UserRepository(session).credentials_by_id(caller.id)
        if user is None or not user.is_active or user.auth_epoch != caller.user.auth_epoch:
            raise InvalidToken
        async with self.throttle.failures(PASSWORD_FAILURES, str(user.public_id)):
            if not await self.passwords.verify(password, user.password_hash):
                raise WrongPassword
        return user

    async def _replace_password(self, user: Credentials, new_hash: str, client: Client) -> Tokens | None:
        now = utc_now()
        async with self.database.write() as session:
            epoch = await UserRepository(session).change_password(user, new_hash)
            if epoch is None:
                return None
            sessions = SessionRepository(session)
            await sessions.revoke_of_user(user.id, now)
            opened = await self._open(sessions, user.id, epoch, client, now)
            await session.commit()
        return self._tokens(user.public_id, opened, now)

    async def _open(
        self, sessions: SessionRepository, user_id: int, auth_epoch: int, client: Client, now: datetime
    ) -> Session:
        """Open a session. The epoch comes from the read of the verified hash, so that a simultaneous logout ends it."""
        absolute_end = now + timedelta(days=self.settings.jwt_refresh_token_expire_days)
        idle_end = now + timedelta(days=self.settings.jwt_refresh_token_idle_days)
        opened = Session(
            user_id=user_id,
            auth_epoch=auth_epoch,
            created_at=now,
            authenticated_at=now,
            last_used_at=now,
            expires_at=min(absolute_end, idle_end),
            absolute_expires_at=absolute_end,
            ip=self.column_sealer.seal(client.ip.encode(), "sessions.ip"),
            user_agent=client.user_agent and self.column_sealer.seal(client.user_agent.encode(), "sessions.user_agent"),
        )
        return await sessions.open(opened, self.settings.max_sessions_per_user)

    def _tokens(self, user_id: UUID, session: Session, now: datetime) -> Tokens:
        """A pair for the current generation. No access token outlives its session."""
        left = (session.absolute_expires_at - now).total_seconds()
        access_token, expires_in = self.access_tokens.issue(AccessClaim(user_id, session.public_id), left)
        return Tokens(
            access_token=access_token,
            expires_in=expires_in,
            refresh_token=self.refresh_tokens.issue(RefreshClaim(session.public_id, session.generation)),
            refresh_expires_in=max(0, round((session.expires_at - now).total_seconds())),
        )
