"""Issue access tokens, and read them with several keys and with clocks that differ."""

import hashlib
import hmac
import string
import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.security import base64url
from app.core.security.access_tokens import AccessClaim
from tests.factories.access_tokens import (
    CLAIM,
    GENUINE,
    HEADER,
    KEY,
    OTHER_KEY,
    PAYLOAD,
    READER,
    issue,
    part,
    sign,
    tokens,
    unpacked,
    with_claims,
    with_header,
)  # fmt: skip

ALPHABET = string.ascii_letters + string.digits + "-_.="


class TestIssue:
    def test_a_token_contains_only_user_and_session(self) -> None:
        header, payload = unpacked(HEADER), unpacked(PAYLOAD)

        assert set(header) == {"alg", "typ", "kid"}
        assert (header["alg"], header["typ"]) == ("HS256", "at+jwt")
        assert set(payload) == {"iss", "aud", "sub", "sid", "jti", "iat", "exp"}
        assert (payload["sub"], payload["sid"]) == (str(CLAIM.user_id), str(CLAIM.session_id))
        assert payload["exp"] - payload["iat"] == 900

    def test_two_tokens_differ(self) -> None:
        assert issue(READER) != issue(READER)

    def test_token_does_not_outlive_its_session(self) -> None:
        token, seconds = READER.issue(CLAIM, 60)

        payload = unpacked(token.split(".")[1])
        assert (seconds, payload["exp"] - payload["iat"]) == (60, 60)

    def test_key_id_does_not_reveal_the_key(self) -> None:
        kid = unpacked(HEADER)["kid"]

        assert kid not in KEY.decode()
        assert kid != base64url.encode(hashlib.sha256(KEY).digest()[:9])


class TestTime:
    def test_times_within_the_leeway_are_accepted(self) -> None:
        now = int(time.time())
        tolerant = tokens(leeway=10)

        assert tolerant.read(with_claims(exp=now - 5)) == CLAIM
        assert tolerant.read(with_claims(iat=now + 5)) == CLAIM
        assert tolerant.read(with_claims(exp=now - 15)) is None
        assert tolerant.read(with_claims(iat=now + 15)) is None

    def test_a_token_expires_although_it_was_read_before(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert READER.read(GENUINE) == CLAIM

        later = time.time() + 901
        monkeypatch.setattr(time, "time", lambda: later)

        assert READER.read(GENUINE) is None


class TestKeys:
    def test_fallback_keys_verify_but_do_not_sign(self) -> None:
        rotated = tokens(OTHER_KEY, KEY)

        assert rotated.read(GENUINE) == CLAIM
        assert READER.read(issue(rotated)) is None

    def test_key_id_selects_the_key(self) -> None:
        rotated = tokens(OTHER_KEY, KEY)
        kid = unpacked(issue(tokens(OTHER_KEY)).split(".")[0])["kid"]

        assert rotated.read(with_header(kid=kid)) is None

    def test_token_of_another_application_is_refused(self) -> None:
        assert tokens(issuer="Other").read(GENUINE) is None

    def test_short_key_verifies_nothing(self) -> None:
        header = part(
            {"alg": "HS256", "typ": "at+jwt", "kid": base64url.encode(hmac.digest(b"short", b"kid", "sha256")[:9])}
        )

        assert tokens(b"short").read(sign(header, PAYLOAD, b"short")) is None


class TestProperties:
    @given(st.uuids(), st.uuids())
    def test_issued_claim_is_read_back(self, user_id: UUID, session_id: UUID) -> None:
        claim = AccessClaim(user_id, session_id)

        assert READER.read(issue(READER, claim)) == claim

    @given(st.integers(0, len(GENUINE) - 1), st.sampled_from(ALPHABET))
    def test_token_with_one_changed_character_is_refused(self, position: int, letter: str) -> None:
        if letter != GENUINE[position]:
            assert READER.read(GENUINE[:position] + letter + GENUINE[position + 1 :]) is None

    @given(st.text())
    def test_any_other_text_is_refused(self, text: str) -> None:
        assert READER.read(text) is None
        assert READER.read(f"{GENUINE}{text}") is None or not text
