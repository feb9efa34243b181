"""Encrypted cursors of lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.core.pagination import Cursors, InvalidCursor
from app.core.security.encryption import Sealer

ONE, OTHER = (Cursors(Sealer([SecretStr(letter * 40)], "cursors")) for letter in "ab")
KEYS = st.integers(0, 2**63 - 1)
SCOPES = st.text(st.characters(codec="utf-8"))


class TestCursors:
    @given(KEYS, SCOPES)
    def test_key_is_read_back(self, key: int, scope: str) -> None:
        assert ONE.key(ONE.after(key, scope), scope) == key

    @given(KEYS, SCOPES, SCOPES)
    def test_cursor_of_another_list_is_refused(self, key: int, scope: str, other: str) -> None:
        if scope != other:
            with pytest.raises(InvalidCursor):
                ONE.key(ONE.after(key, scope), other)

    @given(KEYS, SCOPES)
    def test_a_cursor_made_with_another_secret_is_refused(self, key: int, scope: str) -> None:
        with pytest.raises(InvalidCursor):
            OTHER.key(ONE.after(key, scope), scope)

    @given(KEYS, st.data())
    def test_cursor_with_one_changed_character_is_refused(self, key: int, data: st.DataObject) -> None:
        cursor = ONE.after(key, "list")
        position = data.draw(st.integers(0, len(cursor) - 1))
        letter = data.draw(st.characters(codec="utf-8").filter(lambda drawn: drawn != cursor[position]))

        with pytest.raises(InvalidCursor):
            ONE.key(cursor[:position] + letter + cursor[position + 1 :], "list")

    @given(st.text())
    def test_any_other_text_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidCursor):
            ONE.key(text, "list")

    @given(KEYS)
    def test_cursor_does_not_reveal_the_key(self, key: int) -> None:
        assert ONE.after(key, "list") != ONE.after(key, "list")
