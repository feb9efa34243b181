"""Base64url: exactly one text is accepted for each value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.security import base64url


@given(st.binary())
def test_decode_reverses_encode(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@given(st.text())
def test_only_the_canonical_text_is_decoded(text: str) -> None:
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize("text", ["A", "AA==", "AB", "AAB", "A A", "AA\n", "A+", "A/", "é", "\ud800"])
def test_other_texts_for_a_value_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)
