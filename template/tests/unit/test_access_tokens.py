"""Making access tokens, and the keys and clocks that they are read with."""

import hashlib
import hmac
import string
import time
from uuid import UUID

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
    part,
    sign,
    tokens,
    unpacked,
    with_claims,
    with_header,
)  # fmt: skip

ALPHABET = string.ascii_letters + string.digits + "-_.="


class TestIssue:
    def test_says_who_and_nothing_else(self) -> None:
        header, payload = unpacked(HEADER), unpacked(PAYLOAD)

        assert set(header) == {"alg", "typ", "kid"}
        assert (header["alg"], header["typ"]) == ("HS256", "at+jwt")
        assert set(payload) == {"iss", "aud", "sub", "sid", "jti", "iat", "exp"}
        assert (payload["sub"], payload["sid"]) == (str(CLAIM.user_id), str(CLAIM.session_id))
        assert payload["exp"] - payload["iat"] == 900

    def test_never_the_same_twice(self) -> None:
        assert READER.issue(CLAIM, 900) != READER.issue(CLAIM, 900)

    def test_the_key_id_does_not_give_the_key_away(self) -> None:
        kid = unpacked(HEADER)["kid"]

        assert kid not in KEY.decode()
        assert kid != base64url.encode(hashlib.sha256(KEY).digest()[:9])


class TestTime:
    def test_leeway_is_for_clocks_that_differ(self) -> None:
        now = int(time.time())
        tolerant = tokens(leeway=10)

        assert tolerant.read(with_claims(exp=now - 5)) == CLAIM
        assert tolerant.read(with_claims(iat=now + 5)) == CLAIM
        assert tolerant.read(with_claims(exp=now - 15)) is None
        assert tolerant.read(with_claims(iat=now + 15)) is None


class TestKeys:
    def test_of_the_past_still_verify_but_do_not_sign(self) -> None:
        rotated = tokens(OTHER_KEY, KEY)

        assert rotated.read(GENUINE) == CLAIM
        assert READER.read(rotated.issue(CLAIM, 900)) is None

    def test_the_key_id_chooses_the_key(self) -> None:
        rotated = tokens(OTHER_KEY, KEY)
        kid = unpacked(tokens(OTHER_KEY).issue(CLAIM, 9).split(".")[0])["kid"]

        assert rotated.read(with_header(kid=kid)) is None

    def test_of_another_application_do_not_matter(self) -> None:
        assert tokens(issuer="Other").read(GENUINE) is None

    def test_a_short_one_signs_and_verifies_nothing(self) -> None:
        header = part(
            {"alg": "HS256", "typ": "at+jwt", "kid": base64url.encode(hmac.digest(b"short", b"kid", "sha256")[:9])}
        )

        assert tokens(b"short").read(sign(header, PAYLOAD, b"short")) is None


class TestAnyClaim:
    @given(st.uuids(), st.uuids())
    def test_comes_back_as_it_was(self, user_id: UUID, session_id: UUID) -> None:
        claim = AccessClaim(user_id, session_id)

        assert READER.read(READER.issue(claim, 900)) == claim

    @given(st.integers(0, len(GENUINE) - 1), st.sampled_from(ALPHABET))
    def test_with_one_letter_changed_is_nothing(self, position: int, letter: str) -> None:
        if letter != GENUINE[position]:
            assert READER.read(GENUINE[:position] + letter + GENUINE[position + 1 :]) is None

    @given(st.text())
    def test_cannot_be_made_up(self, text: str) -> None:
        assert READER.read(text) is None
        assert READER.read(f"{GENUINE}{text}") is None or not text
