"""Access tokens: short-lived JWTs (RFC 9068's `at+jwt`), HS256, verified more strictly than the library does."""

import hashlib
import hmac
import time
import uuid
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import jwt

from app.core.config import Settings
from app.core.security import base64url

ALGORITHM = "HS256"
TYPE = "at+jwt"
AUDIENCE = "api"
MAX_LENGTH = 4096
REMEMBERED_TOKENS = 4096
REQUIRED = ["iss", "aud", "sub", "sid", "jti", "iat", "exp"]
OPTIONS: Any = {"require": REQUIRED, "strict_aud": True, "enforce_minimum_key_length": True}


class AccessClaim(NamedTuple):
    """The public ids of the user and the session that a token was issued for."""

    user_id: UUID
    session_id: UUID


class AccessTokens:
    """Makes and reads access tokens."""

    def __init__(self, settings: Settings) -> None:
        secrets = [settings.jwt_secret_key, *settings.jwt_secret_key_fallbacks]
        keys = [secret.get_secret_value().encode() for secret in secrets]
        self._keys = {_key_id(key): key for key in keys}
        self._current = _key_id(keys[0])
        self._issuer = settings.app_name
        self._leeway = settings.jwt_leeway_seconds
        self._lifetime = settings.jwt_access_token_expire_minutes * 60
        # A client sends the same token many times. The result stays the same except for the expiry, see `read`.
        self._verify = lru_cache(REMEMBERED_TOKENS)(self._verify_once)

    def issue(self, claim: AccessClaim, most_seconds: float) -> tuple[str, int]:
        """A token and its lifetime in seconds: that of the settings, but at most what is left of the session."""
        now = int(time.time())
        lifetime = max(1, round(min(self._lifetime, most_seconds)))
        payload = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(claim.user_id),
            "sid": str(claim.session_id),
            "jti": uuid.uuid4().hex,
            "iat": now,
            "exp": now + lifetime,
        }
        headers = {"typ": TYPE, "kid": self._current}
        return jwt.encode(payload, self._keys[self._current], ALGORITHM, headers), lifetime

    def read(self, token: str) -> AccessClaim | None:
        """The claim of a token that we signed and that has not expired, or None."""
        try:
            claim, expires_at = self._verify(token)
        except Exception:  # noqa: BLE001  for a malformed token the library may raise anything
            return None
        return claim if time.time() < expires_at + self._leeway else None

    def _verify_once(self, token: str) -> tuple[AccessClaim, int]:
        """The claim and the expiry. The cache has only valid tokens, because exceptions are not cached."""
        if len(token) > MAX_LENGTH:
            raise ValueError("too long")
        for part in token.split("."):
            base64url.decode(part)
        header = jwt.get_unverified_header(token)
        key = self._keys[header["kid"]]
        if header["typ"] != TYPE:
            raise ValueError("not an access token")
        claims = jwt.decode(
            token, key, [ALGORITHM], OPTIONS, audience=AUDIENCE, issuer=self._issuer, leeway=self._leeway
        )
        if not all(type(claims[name]) is int for name in ("iat", "exp")):
            raise ValueError("not in whole seconds")
        return AccessClaim(_uuid(claims["sub"]), _uuid(claims["sid"])), claims["exp"]


def _key_id(key: bytes) -> str:
    return base64url.encode(hmac.digest(key, b"kid", hashlib.sha256)[:9])


def _uuid(text: str) -> UUID:
    value = UUID(text)
    if str(value) != text:
        raise ValueError("not a canonical UUID")
    return value
