"""Sealed values: columns and cursors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.core.exceptions import InvalidInput
from app.core.pagination import Cursors
from app.core.security import base64url
from app.core.security.encryption import InvalidSealError, Sealer

OLD = SecretStr("the first key of thirty-two bytes or more")
NEW = SecretStr("the second key of thirty-two bytes or more")
SEALER = Sealer([OLD], "tests")


class TestSealer:
    @given(st.binary(max_size=300), st.text(st.characters(exclude_categories=["Cs"])))
    def test_opens_what_it_sealed(self, value: bytes, context: str) -> None:
        assert SEALER.open(SEALER.seal(value, context), context) == value

    def test_seals_differently_each_time(self) -> None:
        assert SEALER.seal(b"x") != SEALER.seal(b"x")

    def test_hides_the_value(self) -> None:
        assert b"203.0.113.7" not in base64url.decode(SEALER.seal(b"203.0.113.7"))

    @given(st.integers(0, 38), st.integers(1, 255))
    def test_notices_a_changed_byte(self, position: int, change: int) -> None:
        data = bytearray(base64url.decode(SEALER.seal(b"hello, hope")))
        data[position] ^= change

        with pytest.raises(InvalidSealError):
            SEALER.open(base64url.encode(bytes(data)))

    @given(st.text())
    def test_opens_no_garbage(self, garbage: str) -> None:
        with pytest.raises(InvalidSealError):
            SEALER.open(garbage)

    def test_opens_nothing_in_another_context(self) -> None:
        with pytest.raises(InvalidSealError):
            SEALER.open(SEALER.seal(b"x", "users.email"), "users.phone")

    def test_opens_nothing_of_another_purpose(self) -> None:
        with pytest.raises(InvalidSealError):
            Sealer([OLD], "others").open(SEALER.seal(b"x"))

    def test_reads_with_fallbacks_and_writes_with_the_first_key(self) -> None:
        rotated = Sealer([NEW, OLD], "tests")

        assert rotated.open(SEALER.seal(b"x")) == b"x"
        with pytest.raises(InvalidSealError):
            SEALER.open(rotated.seal(b"x"))


class TestCursors:
    @given(st.integers(0, 2**63 - 1), st.text(st.characters(exclude_categories=["Cs"])))
    def test_come_back_as_they_were(self, key: int, scope: str) -> None:
        cursors = Cursors(SEALER)

        assert cursors.key(cursors.after(key, scope), scope) == key

    def test_fit_one_list_only(self) -> None:
        cursors = Cursors(SEALER)

        with pytest.raises(InvalidInput):
            cursors.key(cursors.after(1, "mine"), "yours")
