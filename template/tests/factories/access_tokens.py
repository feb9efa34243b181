"""Access tokens, genuine and forged. The forger has the right key, unless told otherwise."""

import hmac
import json
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from app.core.security import base64url
from app.core.security.access_tokens import AccessClaim, AccessTokens

KEY = b"a key of thirty-two bytes or more, for the tests"
OTHER_KEY = b"another key of thirty-two bytes, for the tests"
CLAIM = AccessClaim(uuid4(), uuid4())
REMOVED = object()


def tokens(*keys: bytes, issuer: str = "Probe", leeway: float = 0) -> AccessTokens:
    return AccessTokens([SecretStr(key.decode()) for key in keys or (KEY,)], issuer, 900, leeway)


READER = tokens()
GENUINE = READER.issue(CLAIM, 900)
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
