"""The pair of tokens that a client holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self
from uuid import UUID

from app.core.config import Settings
from app.core.security.access_tokens import AccessClaim, AccessTokens
from app.core.security.refresh_tokens import RefreshClaim, RefreshTokens


class OpenSession(Protocol):
    """What of a session its tokens say."""

    @property
    def public_id(self) -> UUID:
        """The session's id outside."""

    @property
    def generation(self) -> int:
        """Which refresh token is current."""

    @property
    def expires_at(self) -> datetime:
        """When the session ends unless it is refreshed."""

    @property
    def absolute_expires_at(self) -> datetime:
        """When it ends in any case."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """In the shape of the schema `Tokens`."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
    token_type: str = "Bearer"  # noqa: S105


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Reads and makes both kinds of tokens."""

    access: AccessTokens
    refresh: RefreshTokens

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read keys and life times from the settings."""
        access = AccessTokens(
            [settings.jwt_secret_key, *settings.jwt_secret_key_fallbacks],
            issuer=settings.app_name,
            lifetime=settings.jwt_access_token_expire_minutes * 60,
            leeway=settings.jwt_leeway_seconds,
        )
        return cls(access, RefreshTokens([settings.secret_key, *settings.secret_key_fallbacks]))

    def pair(self, user_id: UUID, session: OpenSession, now: datetime) -> TokenPair:
        """Tokens for the session's current generation. No access token outlives the session's absolute end."""
        left = (session.absolute_expires_at - now).total_seconds()
        lifetime = max(1, round(min(self.access.lifetime, left)))
        return TokenPair(
            access_token=self.access.issue(AccessClaim(user_id, session.public_id), lifetime),
            expires_in=lifetime,
            refresh_token=self.refresh.issue(RefreshClaim(session.public_id, session.generation)),
            refresh_expires_in=max(0, round((session.expires_at - now).total_seconds())),
        )
