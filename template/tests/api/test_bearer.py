"""The `Authorization` header of routes that need authentication."""

import pytest
from httpx2 import AsyncClient

from tests import expect
from tests.factories.users import Person

ME = "/api/v1/users/me"


class TestBearer:
    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
    async def test_the_scheme_is_case_insensitive(self, client: AsyncClient, ada: Person, scheme: str) -> None:
        response = await client.get(ME, headers={"Authorization": f"{scheme} {ada.access_token}"})

        assert response.status_code == 200

    @pytest.mark.parametrize("header", [None, "Basic dXNlcjpwYXNz", "Token x", "", "Bearer", "Bearer "])
    async def test_the_challenge_has_no_error_if_there_is_no_token(
        self, client: AsyncClient, header: str | None
    ) -> None:
        response = await client.get(ME, headers={} if header is None else {"Authorization": header})

        expect.problem(response, 401, "not_authenticated")
        assert response.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("token", ["x", "a.b.c", "..", "a b", "a,b", "=", "\tx", "é", "x" * 5000, "null"])
    async def test_a_malformed_token_is_401(self, client: AsyncClient, token: str) -> None:
        response = await client.get(ME, headers=[(b"Authorization", f"Bearer {token}".encode())])

        expect.unauthorized(response)

    async def test_two_authorization_headers_are_401(self, client: AsyncClient, ada: Person) -> None:
        genuine = ("Authorization", f"Bearer {ada.access_token}")

        for headers in (
            [genuine, genuine],
            [genuine, ("Authorization", "Bearer x")],
            [("Authorization", "x"), genuine],
        ):
            expect.unauthorized(await client.get(ME, headers=headers))

    async def test_two_tokens_in_one_header_are_401(self, client: AsyncClient, ada: Person) -> None:
        both = f"Bearer {ada.access_token}, Bearer {ada.access_token}"

        expect.unauthorized(await client.get(ME, headers={"Authorization": both}))

    async def test_a_token_in_the_query_is_ignored(self, client: AsyncClient, ada: Person) -> None:
        response = await client.get(ME, params={"access_token": ada.access_token})

        expect.problem(response, 401, "not_authenticated")

    async def test_a_refresh_token_is_not_accepted_as_an_access_token(self, client: AsyncClient, ada: Person) -> None:
        expect.unauthorized(await client.get(ME, headers={"Authorization": f"Bearer {ada.refresh_token}"}))
