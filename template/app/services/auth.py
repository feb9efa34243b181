"""Proving who one is."""

import structlog

from app.components import Components
from app.core.clients import Client
from app.core.exceptions import AppError, TooManyRequests
from app.core.security.tokens import TokenPair
from app.core.throttling import LOGIN_ATTEMPTS, LOGIN_FAILURES
from app.db.types import utc_now
from app.repositories.sessions import SessionRepository
from app.repositories.users import Credentials, UserRepository
from app.schemas.auth import Login

log = structlog.get_logger("app.security")


class InvalidCredentials(AppError):
    """The same for unknown, disabled and wrong, in words and in time."""

    status = 401
    code = "invalid_credentials"
    detail = "The e-mail address or the password is wrong."
    headers = {"WWW-Authenticate": "Bearer"}  # noqa: RUF012


class AuthService:
    """Begins sessions. No connection is held while a password is hashed."""

    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.security = components.security

    async def login(self, data: Login, client: Client) -> TokenPair:
        """Begin a session."""
        try:
            await self.security.throttle.consume(LOGIN_ATTEMPTS, client.throttle_key)
            async with self.security.throttle.failures(LOGIN_FAILURES, data.email, client.throttle_key):
                user, rehashed = await self._verified(data)
                return await self._begin(user, rehashed, client)
        except TooManyRequests:
            log.warning("auth.login.throttled", ip=client.ip)
            raise
        except InvalidCredentials:
            log.warning("auth.login.failed", ip=client.ip)
            raise

    async def _verified(self, data: Login) -> tuple[Credentials, str | None]:
        async with self.database.read() as session:
            user = await UserRepository(session).credentials(data.email)
        known = user is not None and user.is_active
        matches = await self.security.passwords.verify(data.password, user.password_hash if user and known else None)
        if user is None or not matches:
            raise InvalidCredentials
        outdated = self.security.passwords.outdated(user.password_hash)
        return user, await self.security.passwords.hash(data.password) if outdated else None

    async def _begin(self, user: Credentials, rehashed: str | None, client: Client) -> TokenPair:
        now = utc_now()
        async with self.database.write() as session:
            users = UserRepository(session)
            if not await users.record_login(user, now):
                raise InvalidCredentials
            if rehashed:
                await users.rehash(user, rehashed)
            opened = await SessionRepository(session).open(user, client, self.security.policy, now)
            await session.commit()
        log.info("auth.login.succeeded", user_id=str(user.public_id), session_id=str(opened.public_id), ip=client.ip)
        return self.security.tokens.pair(user.public_id, opened, now)
