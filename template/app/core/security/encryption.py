"""Authenticated encryption (AES-256-GCM) under keys derived from `SECRET_KEY`."""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from app.core.security import base64url
from app.core.security.keys import derive

NONCE_BYTES = 12


class InvalidSealError(ValueError):
    """Changed, sealed for another context, or sealed with a key that is not configured any more."""


class Sealer:
    """Encrypts short values for one purpose. The context is not stored; opening needs the same one."""

    def __init__(self, secrets: Sequence[SecretStr], purpose: str) -> None:
        self._ciphers = [AESGCM(key) for key in derive(secrets, f"seal:{purpose}")]

    def seal(self, value: bytes, context: str = "") -> str:
        """Encrypt with the current key. Random nonces: safe for 2^32 values with one key."""
        nonce = os.urandom(NONCE_BYTES)
        return base64url.encode(nonce + self._ciphers[0].encrypt(nonce, value, context.encode()))

    def open(self, sealed: str, context: str = "") -> bytes:
        """Decrypt with the current key or a fallback.

        Raises:
            InvalidSealError: for every reason. Which one would help an attacker.
        """
        try:
            data = base64url.decode(sealed)
        except ValueError:
            raise InvalidSealError from None
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], context.encode())
            except (InvalidTag, ValueError):
                continue
        raise InvalidSealError
