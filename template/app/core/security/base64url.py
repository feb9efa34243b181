"""Base64url without padding, canonical only: each value has exactly one encoding."""

import base64
import binascii


def encode(data: bytes) -> str:
    """Encode as in RFC 7515 §2."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Undo `encode`.

    Raises:
        ValueError: for a text that `encode` would not return.
    """
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64url") from None
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data
