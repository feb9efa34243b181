"""Refresh tokens: `rt1_` + base64url(version ‖ session id ‖ generation ‖ HMAC-SHA256).

The database stores no token, only the generation of each session: nothing in it can be used as a token. A token that we
did not issue is refused before any SQL.
"""

import hmac
import struct
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from pydantic import SecretStr

from app.core.security import base64url
from app.core.security.keys import derive

PREFIX = "rt1_"
VERSION = 1
BODY = struct.Struct(">B16sQ")
MAC_BYTES = 32
MAX_GENERATION = 2**63 - 2


class RefreshClaim(NamedTuple):
    """What a valid token contains."""

    session_id: UUID
    generation: int


class RefreshTokens:
    """Makes and reads refresh tokens. The same session and generation always make the same token."""

    def __init__(self, secrets: Sequence[SecretStr]) -> None:
        self._keys = derive(secrets, "refresh-token")

    def issue(self, claim: RefreshClaim) -> str:
        """Sign with the current key."""
        body = BODY.pack(VERSION, claim.session_id.bytes, claim.generation)
        return PREFIX + base64url.encode(body + _mac(self._keys[0], body))

    def read(self, token: str) -> RefreshClaim | None:
        """The claim of a token that we signed, or None."""
        if not token.startswith(PREFIX):
            return None
        try:
            data = base64url.decode(token.removeprefix(PREFIX))
        except ValueError:
            return None
        body, mac = data[: BODY.size], data[BODY.size :]
        if not any(hmac.compare_digest(mac, _mac(key, body)) for key in self._keys):
            return None
        version, session_id, generation = BODY.unpack(body)
        if version != VERSION or generation > MAX_GENERATION:
            return None
        return RefreshClaim(UUID(bytes=session_id), generation)


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")
