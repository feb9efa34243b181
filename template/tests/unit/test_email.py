"""The canonical form of e-mail addresses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.schemas.base import Email

EMAIL: TypeAdapter[Any] = TypeAdapter(Email)


class TestEmail:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("ada@example.com", "ada@example.com"),
            ("ADA@EXAMPLE.COM", "ada@example.com"),
            ("Ada.Lovelace+tag@Example.Com", "ada.lovelace+tag@example.com"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
            ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
            ("o'brien@example.com", "o'brien@example.com"),
        ],
    )
    def test_an_address_is_changed_to_its_canonical_form(self, written: str, meant: str) -> None:
        assert EMAIL.validate_python(written) == meant

    @given(st.emails())
    def test_canonical_form_is_stable(self, email: str) -> None:
        try:
            canonical = EMAIL.validate_python(email)
        except ValidationError:
            return
        assert EMAIL.validate_python(canonical) == canonical
        assert canonical == canonical.lower()
        assert canonical.isascii()
        assert EMAIL.validate_python(email.swapcase()) == canonical

    @given(st.text())
    def test_an_accepted_text_has_exactly_one_at_sign(self, text: str) -> None:
        try:
            canonical = EMAIL.validate_python(text)
        except ValidationError:
            return
        assert canonical.count("@") == 1

    def test_address_has_at_most_254_characters(self) -> None:
        domain = ".".join(["d" * 60] * 3) + ".example.com"

        assert EMAIL.validate_python(f"{'a' * (253 - len(domain))}@{domain}")
        with pytest.raises(ValidationError):
            EMAIL.validate_python(f"{'a' * (254 - len(domain))}@{domain}")
