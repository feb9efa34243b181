"""Seal and open values: authenticated encryption."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.core.security import base64url
from app.core.security.encryption import InvalidSealError, Sealer

OLD = SecretStr("the first key of thirty-two bytes or more")
NEW = SecretStr("the second key of thirty-two bytes or more")
SEALER = Sealer([OLD], "tests")


class TestSealer:
    @given(st.binary(max_size=300), st.text(st.characters(exclude_categories=["Cs"])))
    def test_open_reverses_seal(self, value: bytes, context: str) -> None:
        assert SEALER.open(SEALER.seal(value, context), context) == value

    def test_equal_values_are_sealed_differently(self) -> None:
        assert SEALER.seal(b"x") != SEALER.seal(b"x")

    def test_sealed_value_is_not_readable(self) -> None:
        assert b"203.0.113.7" not in base64url.decode(SEALER.seal(b"203.0.113.7"))

    @given(st.integers(0, 38), st.integers(1, 255))
    def test_a_changed_byte_is_detected(self, position: int, change: int) -> None:
        data = bytearray(base64url.decode(SEALER.seal(b"hello, hope")))
        data[position] ^= change

        with pytest.raises(InvalidSealError):
            SEALER.open(base64url.encode(bytes(data)))

    @given(st.text())
    def test_any_other_text_is_refused(self, garbage: str) -> None:
        with pytest.raises(InvalidSealError):
            SEALER.open(garbage)

    def test_another_context_is_refused(self) -> None:
        with pytest.raises(InvalidSealError):
            SEALER.open(SEALER.seal(b"x", "users.email"), "users.phone")

    def test_another_purpose_is_refused(self) -> None:
        with pytest.raises(InvalidSealError):
            Sealer([OLD], "others").open(SEALER.seal(b"x"))

    def test_fallback_keys_open_but_do_not_seal(self) -> None:
        rotated = Sealer([NEW, OLD], "tests")

        assert rotated.open(SEALER.seal(b"x")) == b"x"
        with pytest.raises(InvalidSealError):
            SEALER.open(rotated.seal(b"x"))
