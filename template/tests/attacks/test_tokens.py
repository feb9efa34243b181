"""Forged access tokens: with the right key, with another key and without a key (RFC 8725, RFC 9068)."""

import time
from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient, Response

from tests import expect
from tests.attacks.operations import PROTECTED
from tests.factories.access_tokens import REMOVED, part, replaced, sign, unpacked
from tests.factories.users import Person, signed_in
from tests.fixtures.settings import VALUES
from tests.targets import Target

pytestmark = pytest.mark.attack

ME = "/api/v1/users/me"
KEY = VALUES["jwt_secret_key"].encode()
YEAR = 31_536_000
HOSTILE: list[Any] = ["", "1", "\x00", "\ud800", "' OR '1'='1", [], {}, None]
CLAIMS = ["iss", "aud", "sub", "sid", "jti", "iat", "exp"]


class Forger:
    """Changes a genuine token, and signs it with the right key."""

    def __init__(self, token: str, http: AsyncClient) -> None:
        self.token = token
        self.header, self.payload, self.signature = token.split(".")
        self.http = http

    def with_claims(self, **changes: Any) -> str:
        return sign(self.header, replaced(self.payload, changes), KEY)

    def with_header(self, **changes: Any) -> str:
        return sign(replaced(self.header, changes), self.payload, KEY)

    async def tries(self, token: str) -> Response:
        return await self.http.get(ME, headers={"Authorization": f"Bearer {token}"})

    async def fails(self, *tokens: str) -> None:
        for token in tokens:
            expect.unauthorized(await self.tries(token))


@pytest.fixture
async def ada(target: Target) -> Person:
    return await signed_in(target)


@pytest.fixture
async def forger(target: Target, ada: Person) -> Forger:
    return Forger(ada.access_token, await target.client())


class TestForgedWithTheRightKey:
    async def test_a_correct_token_is_accepted(self, forger: Forger) -> None:
        """Without this, the tests below would prove nothing."""
        assert (await forger.tries(forger.with_claims(jti="anything"))).status_code == 200

    @pytest.mark.parametrize("claim", CLAIMS)
    async def test_a_missing_or_malformed_claim_is_refused(self, forger: Forger, claim: str) -> None:
        wrong = [REMOVED, None, [], {}, True, -1.5] + ([] if claim == "jti" else ["", "x"])

        await forger.fails(*(forger.with_claims(**{claim: value}) for value in wrong))

    async def test_another_audience_or_issuer_is_refused(self, forger: Forger) -> None:
        audiences = ["other", ["api"], ["api", "other"], "API"]

        await forger.fails(
            *(forger.with_claims(aud=audience) for audience in audiences), forger.with_claims(iss="probe")
        )

    async def test_another_type_is_refused(self, forger: Forger) -> None:
        await forger.fails(*(forger.with_header(typ=kind) for kind in (REMOVED, None, "JWT", "rt+jwt", "AT+JWT")))

    async def test_another_algorithm_is_refused(self, forger: Forger) -> None:
        none = replaced(forger.header, {"alg": "none"})
        longer = {"HS384": "sha384", "HS512": "sha512"}

        await forger.fails(
            f"{none}.{forger.payload}.",
            f"{none}.{forger.payload}.{forger.signature}",
            *(sign(replaced(forger.header, {"alg": alg}), forger.payload, KEY, longer[alg]) for alg in longer),
            *(forger.with_header(alg=name) for name in ("None", "hs256", "RS256", None, ["HS256"], REMOVED)),
        )

    async def test_another_key_id_is_refused(self, forger: Forger) -> None:
        names = ["x", "../../../dev/null", "x" * 2000, *HOSTILE]

        await forger.fails(*(forger.with_header(kid=name) for name in names))

    @pytest.mark.parametrize("claim", ["sub", "sid"])
    async def test_a_malformed_or_unknown_user_or_session_is_refused(self, forger: Forger, claim: str) -> None:
        own = UUID(unpacked(forger.payload)[claim])
        spellings = [str(own).upper(), own.hex, own.urn, f"{{{own}}}", f" {own}"]
        values = ["9" * 3000, "00000000-0000-0000-0000-000000000000", *spellings, *HOSTILE]

        await forger.fails(*(forger.with_claims(**{claim: value}) for value in values))

    async def test_a_user_with_the_session_of_another_user_is_refused(self, target: Target, forger: Forger) -> None:
        bob = await signed_in(target)

        await forger.fails(forger.with_claims(sub=str(bob.user.public_id)))

    @pytest.mark.parametrize("claim", ["iat", "exp"])
    async def test_a_malformed_time_is_refused(self, forger: Forger, claim: str) -> None:
        values = [1e308, float("nan"), float("inf"), -float("inf"), "2100-01-01", str(2**40), time.time(), *HOSTILE]

        await forger.fails(*(forger.with_claims(**{claim: value}) for value in values))
        await forger.fails(forger.with_claims(exp=-(10**400)))

    async def test_times_outside_of_the_leeway_are_refused(self, forger: Forger) -> None:
        now = int(time.time())

        assert (await forger.tries(forger.with_claims(exp=now - 5))).status_code == 200
        await forger.fails(forger.with_claims(exp=now - 15), forger.with_claims(iat=now + 30, exp=now + YEAR))


class TestForgedWithoutTheKey:
    async def test_another_key_is_refused(self, forger: Forger) -> None:
        keys = [b"", b"secret", VALUES["secret_key"].encode(), KEY + b"\n", KEY[:-1]]

        await forger.fails(*(sign(forger.header, forger.payload, key) for key in keys))

    async def test_a_key_in_the_header_is_ignored(self, forger: Forger) -> None:
        key = b"a key of the attacker's own choice, as long as ours"
        brought = {"jwk": {"kty": "oct", "k": part(key)}, "jku": "http://127.0.0.1/", "x5u": "http://127.0.0.1/"}

        headers = [replaced(forger.header, {name: value}) for name, value in brought.items()]

        await forger.fails(*(sign(header, forger.payload, key) for header in headers))

    async def test_another_spelling_of_a_genuine_signature_is_refused(self, forger: Forger) -> None:
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        twins = [forger.token[:-1] + letter for letter in alphabet if letter != forger.token[-1]]

        await forger.fails(*twins, f"{forger.token}=", f"{forger.header}=.{forger.payload}.{forger.signature}")

    @pytest.mark.parametrize("token", ["x", "a.b.c", "null", "e30.e30.e30", part(b"{}") + ".." + part(b"x")])
    async def test_a_malformed_token_is_refused(self, forger: Forger, token: str) -> None:
        await forger.fails(token)

    async def test_a_very_long_token_is_refused(self, forger: Forger) -> None:
        await forger.fails(forger.with_claims(padding="x" * 3500), "x" * 30_000)


class TestAuthorization:
    @pytest.mark.parametrize(
        "values",
        [
            ["Bearer {}", "Bearer {}"], ["Bearer {}", "Basic eDp5"], ["Bearer {}, Bearer {}"], ["Bearer {} {}"],
            ["Bearer"], ["Basic {}"], ["{}"], ["Bearer {}="], ['Bearer "{}"'], ["Bearer\t{}"], [""],
        ],
    )  # fmt: skip
    async def test_anything_but_one_header_with_one_token_is_refused(
        self, target: Target, ada: Person, values: list[str]
    ) -> None:
        stranger = await target.client()
        headers = [("Authorization", value.replace("{}", ada.access_token)) for value in values]

        response = await stranger.get(ME, headers=headers)

        expect.problem(response, 401, response.json()["code"])
        assert response.headers["www-authenticate"].startswith("Bearer")

    async def test_the_scheme_is_case_insensitive(self, target: Target, ada: Person) -> None:
        stranger = await target.client()

        assert (await stranger.get(ME, headers={"Authorization": f"bEARER {ada.access_token}"})).status_code == 200

    async def test_every_protected_operation_needs_authentication(self, target: Target) -> None:
        stranger = await target.client()

        for operation in PROTECTED:
            response = await operation.on(stranger, json={})
            expect.problem(response, 401, "not_authenticated")
            assert response.headers["www-authenticate"] == "Bearer"

    async def test_a_refresh_token_is_refused(self, forger: Forger, ada: Person) -> None:
        await forger.fails(ada.refresh_token)
