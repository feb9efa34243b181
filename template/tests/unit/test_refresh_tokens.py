"""Issue and read refresh tokens."""

import hmac
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.core.security import base64url
from app.core.security.keys import derive
from app.core.security.refresh_tokens import BODY, MAX_GENERATION, PREFIX, RefreshClaim, RefreshTokens

OLD = SecretStr("the first key of thirty-two bytes or more")
NEW = SecretStr("the second key of thirty-two bytes or more")
CLAIM = RefreshClaim(uuid4(), 7)
TOKENS = RefreshTokens([OLD])


class TestRefreshTokens:
    @given(st.builds(RefreshClaim, st.uuids(), st.integers(0, MAX_GENERATION)))
    def test_issued_claim_is_read_back(self, claim: RefreshClaim) -> None:
        assert TOKENS.read(TOKENS.issue(claim)) == claim

    def test_the_same_session_and_generation_give_the_same_token(self) -> None:
        assert TOKENS.issue(CLAIM) == TOKENS.issue(CLAIM)
        assert TOKENS.issue(CLAIM) != TOKENS.issue(CLAIM._replace(generation=8))
        assert TOKENS.issue(CLAIM) != TOKENS.issue(CLAIM._replace(session_id=uuid4()))

    def test_token_has_a_prefix(self) -> None:
        token = TOKENS.issue(CLAIM)

        assert token.startswith("rt1_")
        assert TOKENS.read(token.removeprefix("rt1_")) is None

    @given(st.integers(0, 75), st.integers(1, 63))
    def test_token_with_one_changed_character_is_refused(self, position: int, shift: int) -> None:
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        text = TOKENS.issue(CLAIM).removeprefix(PREFIX)
        letter = alphabet[(alphabet.index(text[position]) + shift) % 64]

        assert TOKENS.read(PREFIX + text[:position] + letter + text[position + 1 :]) is None

    @given(st.text())
    def test_any_other_text_is_refused(self, text: str) -> None:
        assert TOKENS.read(text) is None
        assert TOKENS.read(PREFIX + text) is None

    @pytest.mark.parametrize("end", ["=", "==", "A", "\n", " ", "."])
    def test_a_token_with_added_characters_is_refused(self, end: str) -> None:
        assert TOKENS.read(TOKENS.issue(CLAIM) + end) is None

    @pytest.mark.parametrize(("version", "generation"), [(0, 7), (2, 7), (1, 2**63 - 1), (1, 2**64 - 1)])
    def test_another_version_is_refused_even_with_a_valid_signature(self, version: int, generation: int) -> None:
        body = BODY.pack(version, CLAIM.session_id.bytes, generation)
        mac = base64url.decode(TOKENS.issue(CLAIM).removeprefix(PREFIX))[BODY.size :]

        assert TOKENS.read(PREFIX + base64url.encode(body + mac)) is None
        assert TOKENS.read(_signed(body)) is None


class TestKeys:
    def test_fallback_keys_verify_but_do_not_sign(self) -> None:
        rotated = RefreshTokens([NEW, OLD])

        assert rotated.read(TOKENS.issue(CLAIM)) == CLAIM
        assert TOKENS.read(rotated.issue(CLAIM)) is None

    def test_key_is_derived_from_the_secret(self) -> None:
        data = base64url.decode(TOKENS.issue(CLAIM).removeprefix(PREFIX))

        forged = _mac(OLD.get_secret_value().encode(), data[: BODY.size])
        assert forged != data[BODY.size :]


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")


def _signed(body: bytes) -> str:
    [key] = derive([OLD], "refresh-token")
    return PREFIX + base64url.encode(body + _mac(key, body))
