"""One value has one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.security import base64url


@given(st.binary())
def test_comes_back_as_it_was(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@given(st.text())
def test_reads_only_what_it_would_write(text: str) -> None:
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize("text", ["A", "AA==", "AB", "AAB", "A A", "AA\n", "A+", "A/", "é", "\ud800"])
def test_refuses_other_spellings(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)
