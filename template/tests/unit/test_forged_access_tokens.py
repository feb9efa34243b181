"""Only access tokens that this application issued are accepted."""

import time
from typing import Any

import pytest

from tests.factories.access_tokens import (
    CLAIM,
    GENUINE,
    HEADER,
    OTHER_KEY,
    PAYLOAD,
    READER,
    REMOVED,
    SIGNATURE,
    issue,
    part,
    replaced,
    sign,
    tokens,
    with_claims,
    with_header,
)  # fmt: skip

# Times are computed when the tests are collected. The tests may run much later.
DAY = 86_400


class TestRead:
    def test_genuine_token_is_accepted(self) -> None:
        assert READER.read(GENUINE) == CLAIM
        assert with_claims() != GENUINE
        assert READER.read(with_claims()) == CLAIM

    @pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "jti", "iat", "exp"])
    @pytest.mark.parametrize("value", [REMOVED, None, "", (), {}, "x", True, -1.5])
    def test_a_missing_or_malformed_claim_is_refused(self, claim: str, value: Any) -> None:
        any_text_is_valid = claim == "jti" and isinstance(value, str)

        assert READER.read(with_claims(**{claim: value})) == (CLAIM if any_text_is_valid else None)

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": "other"}, {"aud": ["api"]}, {"aud": ["api", "other"]}, {"aud": "API"},
            {"iss": "probe"}, {"iss": ["Probe"]}, {"nbf": int(time.time()) + DAY},
            {"iat": int(time.time()) + DAY}, {"iat": time.time() - 1}, {"iat": 1e308}, {"iat": float("nan")},
            {"exp": int(time.time()) - 1}, {"exp": time.time() + DAY}, {"exp": str(int(time.time()) + DAY)},
            {"exp": -1}, {"exp": 1e308}, {"exp": float("inf")}, {"exp": float("nan")}, {"exp": -(10**400)},
            {"sub": "1"}, {"sub": 1}, {"sub": "\x00"}, {"sub": "\ud800"}, {"sub": [str(CLAIM.user_id)]},
            {"sub": str(CLAIM.user_id).upper()}, {"sub": CLAIM.user_id.hex}, {"sub": f"{{{CLAIM.user_id}}}"},
            {"sub": f"urn:uuid:{CLAIM.user_id}"}, {"sid": "1"}, {"sid": "' OR 1=1 --"}, {"sid": CLAIM.session_id.hex},
        ],
    )  # fmt: skip
    def test_an_invalid_claim_is_refused(self, changes: dict[str, Any]) -> None:
        assert READER.read(with_claims(**changes)) is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"alg": "none"}, {"alg": "None"}, {"alg": "HS512"}, {"alg": "RS256"}, {"alg": "hs256"},
            {"alg": REMOVED}, {"alg": None}, {"alg": ["HS256"]},
            {"typ": REMOVED}, {"typ": "JWT"}, {"typ": "AT+JWT"}, {"typ": "application/at+jwt"}, {"typ": None},
            {"kid": REMOVED}, {"kid": None}, {"kid": "x"}, {"kid": ["x"]}, {"kid": {}}, {"kid": 0},
            {"kid": "../../dev/null"}, {"kid": "' UNION SELECT 'k"}, {"crit": ["exp"]}, {"crit": ["b64"], "b64": False},
        ],
    )  # fmt: skip
    def test_an_invalid_header_is_refused(self, changes: dict[str, Any]) -> None:
        assert READER.read(with_header(**changes)) is None

    def test_unsigned_token_is_refused(self) -> None:
        for header in (part({"alg": "none", "typ": "at+jwt"}), replaced(HEADER, {"alg": "none"})):
            assert READER.read(f"{header}.{PAYLOAD}.") is None

    def test_another_digest_with_the_right_key_is_refused(self) -> None:
        assert READER.read(sign(replaced(HEADER, {"alg": "HS512"}), PAYLOAD, digest="sha512")) is None

    def test_another_key_is_refused(self) -> None:
        assert READER.read(sign(HEADER, PAYLOAD, OTHER_KEY)) is None
        assert READER.read(issue(tokens(OTHER_KEY))) is None

    def test_other_spellings_of_a_token_are_refused(self) -> None:
        last = SIGNATURE[-1]
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        twins = [GENUINE[:-1] + letter for letter in alphabet if letter != last]
        twins += [
            f"{GENUINE}=",
            f"{GENUINE}==",
            f"{GENUINE}\n",
            f" {GENUINE}",
            f"{GENUINE}.",
            f"{GENUINE}.x",
            f".{GENUINE}",
        ]
        twins += [f"{HEADER}=.{PAYLOAD}.{SIGNATURE}", f"{HEADER}.{PAYLOAD}==.{SIGNATURE}", GENUINE.replace(".", "..")]
        twins += [GENUINE.replace("-", "+").replace("_", "/")] if "-" in GENUINE or "_" in GENUINE else []

        assert [twin for twin in twins if READER.read(twin)] == []

    @pytest.mark.parametrize(
        "garbage", ["", ".", "..", "...", "x", "a.b.c", "é.é.é", "\ud800", "\x00", "null", "{}", "e30.e30."]
    )
    def test_a_malformed_token_is_refused(self, garbage: str) -> None:
        assert READER.read(garbage) is None

    @pytest.mark.parametrize("data", [b"", b"[]", b"null", b"1", b"{", b"\xff", b'{"a":' * 5000])
    def test_parts_must_be_json_objects(self, data: bytes) -> None:
        assert READER.read(sign(HEADER, part(data))) is None
        assert READER.read(sign(part(data), PAYLOAD)) is None

    def test_token_longer_than_4096_characters_is_refused(self) -> None:
        assert READER.read(with_claims(padding="x" * 2000)) == CLAIM
        assert READER.read(with_claims(padding="x" * 3500)) is None
