"""Staying signed in."""

from datetime import datetime, timedelta

import structlog

from app.components import Components
from app.core.clients import Client
from app.core.exceptions import AppError, InvalidToken
from app.core.security.refresh_tokens import RefreshClaim
from app.core.security.tokens import TokenPair
from app.core.throttling import REFRESH_FAILURES
from app.db.types import utc_now
from app.models.callers import Caller
from app.models.sessions import Session
from app.repositories.sessions import Family, SessionRepository
from app.schemas.auth import Refresh

log = structlog.get_logger("app.security")


class InvalidRefreshToken(AppError):
    """Not ours, or of a session that is over."""

    status = 401
    code = "invalid_refresh_token"
    detail = "The refresh token is invalid or has expired. Sign in again."
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}  # noqa: RUF012


class RefreshTokenReused(InvalidRefreshToken):
    """Somebody holds a copy: client and thief cannot be told apart, so both lose the session (RFC 9700 §4.14.2)."""

    code = "refresh_token_reused"
    detail = "This refresh token was used before. The session has ended; sign in again."


class TokenService:
    """Opens doors with access tokens, and rotates refresh tokens."""

    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.security = components.security

    async def authenticate(self, token: str) -> Caller:
        """Who holds this access token, if its session still lives."""
        claim = self.security.tokens.access.read(token)
        if claim is None:
            raise InvalidToken
        async with self.database.read() as session:
            caller = await SessionRepository(session).caller(claim, utc_now())
        if caller is None:
            raise InvalidToken
        structlog.contextvars.bind_contextvars(user_id=str(caller.public_id), session_id=str(caller.session_public_id))
        return caller

    async def refresh(self, data: Refresh, client: Client) -> TokenPair:
        """Redeem a refresh token for a new pair."""
        async with self.security.throttle.failures(REFRESH_FAILURES, client.throttle_key):
            claim = self.security.tokens.refresh.read(data.refresh_token)
            if claim is None:
                raise InvalidRefreshToken
            return await self._redeem(claim)

    async def _redeem(self, claim: RefreshClaim) -> TokenPair:
        arrived = utc_now()
        async with self.database.write() as session:
            sessions = SessionRepository(session)
            await sessions.lock(claim)
            # The grace begins when its turn has come: others may be waiting with the same token, for as long as we did.
            now = utc_now()
            family = await sessions.rotate(claim, self.security.policy, now)
            if family is None:
                family = await self._repeated(sessions, claim, arrived, now)
            await session.commit()
        return self.security.tokens.pair(family.user_id, family, now)

    async def _repeated(
        self, sessions: SessionRepository, claim: RefreshClaim, arrived: datetime, now: datetime
    ) -> Family:
        """What a token that is not the current one deserves: its successor again, or the end of its family."""
        family = await sessions.family(claim, now)
        if family is None:
            raise InvalidRefreshToken
        known = {"user_id": str(family.user_id), "session_id": str(family.public_id)}
        if family.generation <= claim.generation:
            log.critical("auth.refresh.from_the_future", **known)
            raise InvalidRefreshToken
        # Whoever won may have read the clock after us: without the zero, a strict grace would cover that.
        elapsed = max(arrived - family.last_used_at, timedelta(0))
        if family.generation == claim.generation + 1 and elapsed < self.security.policy.grace:
            return family
        if not await sessions.revoke(now, Session.public_id == family.public_id):
            raise InvalidRefreshToken
        # Committed before the refusal: the 401 must not roll the revocation back.
        await sessions.session.commit()
        log.warning("auth.refresh.reused", **known)
        raise RefreshTokenReused
