"""Access tokens: short-lived JWTs (RFC 9068's `at+jwt`), HS256, verified more strictly than the library does."""

import hashlib
import hmac
import time
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import jwt
from pydantic import SecretStr

from app.core.security import base64url

ALGORITHM = "HS256"
TYPE = "at+jwt"
AUDIENCE = "api"
MAX_LENGTH = 4096
REQUIRED = ["iss", "aud", "sub", "sid", "jti", "iat", "exp"]
OPTIONS: Any = {"require": REQUIRED, "strict_aud": True, "enforce_minimum_key_length": True}


class AccessClaim(NamedTuple):
    """Whose token it is: the public ids of user and session."""

    user_id: UUID
    session_id: UUID


class AccessTokens:
    """Makes and reads access tokens."""

    def __init__(self, secrets: Sequence[SecretStr], issuer: str, lifetime: float, leeway: float) -> None:
        keys = [secret.get_secret_value().encode() for secret in secrets]
        self._keys = {_key_id(key): key for key in keys}
        self._current = _key_id(keys[0])
        self._issuer = issuer
        self._leeway = leeway
        self.lifetime = lifetime

    def issue(self, claim: AccessClaim, lifetime: int) -> str:
        """Sign a token that lives for `lifetime` seconds."""
        now = int(time.time())
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
        return jwt.encode(payload, self._keys[self._current], ALGORITHM, headers)

    def read(self, token: str) -> AccessClaim | None:
        """The claim of a token that we signed and that has not expired, else None."""
        try:
            return self._verified(token)
        except Exception:  # noqa: BLE001  whatever a hostile token makes the library raise, it is no token of ours
            return None

    def _verified(self, token: str) -> AccessClaim | None:
        if len(token) > MAX_LENGTH:
            return None
        for part in token.split("."):
            base64url.decode(part)
        header = jwt.get_unverified_header(token)
        key = self._keys[header["kid"]]
        if header["typ"] != TYPE:
            return None
        claims = jwt.decode(
            token, key, [ALGORITHM], OPTIONS, audience=AUDIENCE, issuer=self._issuer, leeway=self._leeway
        )
        if not all(type(claims[name]) is int for name in ("iat", "exp")):
            return None
        return AccessClaim(_uuid(claims["sub"]), _uuid(claims["sid"]))


def _key_id(key: bytes) -> str:
    return base64url.encode(hmac.digest(key, b"kid", hashlib.sha256)[:9])


def _uuid(text: str) -> UUID:
    value = UUID(text)
    if str(value) != text:
        raise ValueError("not a canonical UUID")
    return value
