"""Genuine and forged access tokens. A forged token has a valid signature unless the test changes it."""

import hmac
import json
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from app.core.config import Settings
from app.core.security import base64url
from app.core.security.access_tokens import AccessClaim, AccessTokens
from tests.fixtures.settings import VALUES

KEY = b"a key of thirty-two bytes or more, for the tests"
OTHER_KEY = b"another key of thirty-two bytes, for the tests"
CLAIM = AccessClaim(uuid4(), uuid4())
REMOVED = object()


def tokens(*keys: bytes, issuer: str = "Probe", leeway: float = 0) -> AccessTokens:
    current, *fallbacks = (SecretStr(key.decode()) for key in keys or (KEY,))
    changes = {"jwt_secret_key": current, "jwt_secret_key_fallbacks": tuple(fallbacks), "app_name": issuer}
    # `model_copy` does not validate, so that a test can use a short key.
    return AccessTokens(Settings(**VALUES).model_copy(update=changes | {"jwt_leeway_seconds": leeway}))


def issue(issuer: AccessTokens, claim: AccessClaim = CLAIM) -> str:
    token, _ = issuer.issue(claim, 900)
    return token


READER = tokens()
GENUINE = issue(READER)
HEADER, PAYLOAD, SIGNATURE = GENUINE.split(".")


def part(data: Any) -> str:
    return base64url.encode(data if isinstance(data, bytes) else json.dumps(data).encode())


def unpacked(text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(base64url.decode(text))
    return data


def sign(header: str, payload: str, key: bytes = KEY, digest: str = "sha256") -> str:
    signature = hmac.digest(key, f"{header}.{payload}".encode(), digest)
    return f"{header}.{payload}.{base64url.encode(signature)}"


def replaced(original: str, changes: dict[str, Any]) -> str:
    data = {**unpacked(original), **changes}
    return part({name: value for name, value in data.items() if value is not REMOVED})


def with_claims(**changes: Any) -> str:
    return sign(HEADER, replaced(PAYLOAD, changes))


def with_header(**changes: Any) -> str:
    return sign(replaced(HEADER, changes), PAYLOAD)
