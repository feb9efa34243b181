"""Tokens of links in mails: `at1_` + base64url(version ‖ user id ‖ expiry ‖ state ‖ new address ‖ HMAC-SHA256).

The database stores none. A token contains a digest of the account's state: using the token changes that state, so that
it works once, and every other change of the state ends it, too. Each action has a key of its own.
"""

import hmac
import struct
import time
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

from pydantic import SecretStr

from app.core.exceptions import FieldError, InvalidInput
from app.core.security import base64url
from app.core.security.keys import derive

PREFIX = "at1_"
VERSION = 1
STATE_BYTES = 16
MAC_BYTES = 32
HEAD = struct.Struct(f">B16sQ{STATE_BYTES}s")


class Action(StrEnum):
    """What a token is for. The path of its link in the frontend and the text of its mail have the same name."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105
    CHANGE_EMAIL = "change_email"


LIFETIME_SECONDS = {Action.VERIFY_EMAIL: 86_400, Action.RESET_PASSWORD: 1800, Action.CHANGE_EMAIL: 86_400}


class InvalidActionToken(InvalidInput):
    """The same response for forged, expired and used tokens, and for those of an account that is gone or disabled."""

    code = "invalid_action_token"
    detail = "This link is invalid, has expired or was already used. Ask for a new one."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("#/token", self.code, self.detail)])


class Account(Protocol):
    """The state that a token is bound to. A login and the renewal of a hash change none of it; a new password does."""

    @property
    def public_id(self) -> UUID: ...
    @property
    def email(self) -> str: ...
    @property
    def email_verified_at(self) -> datetime | None: ...
    @property
    def auth_epoch(self) -> int: ...


class ActionClaim(NamedTuple):
    """What a token contains that we signed and that has not expired. `require_current` must follow."""

    action: Action
    user_id: UUID
    state: bytes
    new_email: str


class ActionTokens:
    """Makes and reads the tokens of links."""

    def __init__(self, secrets: Sequence[SecretStr]) -> None:
        self._keys = {action: derive(secrets, f"action-token:{action}") for action in Action}

    def issue(self, action: Action, account: Account, new_email: str = "") -> str:
        """Sign with the current key."""
        key = self._keys[action][0]
        expires_at = int(time.time()) + LIFETIME_SECONDS[action]
        head = HEAD.pack(VERSION, account.public_id.bytes, expires_at, _state(key, account))
        body = head + new_email.encode()
        return PREFIX + base64url.encode(body + _mac(key, body))

    def read(self, action: Action, token: str) -> ActionClaim:
        """The claim of a token, before any SQL.

        Raises:
            InvalidActionToken: unless we signed it for this action and it has not expired.
        """
        try:
            data = base64url.decode(token.removeprefix(PREFIX))
        except ValueError:
            raise InvalidActionToken from None
        body, mac = data[:-MAC_BYTES], data[-MAC_BYTES:]
        signed = any(hmac.compare_digest(mac, _mac(key, body)) for key in self._keys[action])
        if not signed or not token.startswith(PREFIX):
            raise InvalidActionToken
        version, user_id, expires_at, state = HEAD.unpack_from(body)
        if version != VERSION or time.time() >= expires_at:
            raise InvalidActionToken
        return ActionClaim(action, UUID(bytes=user_id), state, body[HEAD.size :].decode())

    def require_current(self, claim: ActionClaim, account: Account) -> None:
        """Compare the state of the account.

        Raises:
            InvalidActionToken: if it is not the one that the token was issued for.
        """
        if not any(hmac.compare_digest(claim.state, _state(key, account)) for key in self._keys[claim.action]):
            raise InvalidActionToken


def _state(key: bytes, account: Account) -> bytes:
    """With the key, because a new address must not learn the old one by trying digests."""
    state = f"{account.email}\n{account.email_verified_at is not None}\n{account.auth_epoch}"
    return hmac.digest(key, b"state\n" + state.encode(), "sha256")[:STATE_BYTES]


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, b"token\n" + body, "sha256")
