"""Keys derived from a master secret (RFC 5869), one for each purpose."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

KEY_BYTES = 32


def derive(secrets: Sequence[SecretStr], purpose: str) -> list[bytes]:
    """One key for each secret, in order: the first encrypts and signs, the others only decrypt and verify."""
    return [_derive(secret.get_secret_value().encode(), purpose.encode()) for secret in secrets]


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)
