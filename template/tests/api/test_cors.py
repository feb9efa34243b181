"""Cross-origin requests of browsers."""

import pytest
from httpx2 import AsyncClient, Response

from tests import expect
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings

ORIGIN = "https://app.example.com"


@pytest.fixture
async def browser(make_settings: MakeSettings, api: Api) -> AsyncClient:
    allowing = Api.of(make_settings(cors_origins=ORIGIN), api.stack, api.database)
    return await allowing.client()


async def preflight(client: AsyncClient, origin: str, method: str = "POST", headers: str = "authorization") -> Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return await client.options("/api/v1/auth/login", headers=asked)


class TestAllowedOrigin:
    async def test_an_allowed_origin_can_read_responses_and_their_headers(self, browser: AsyncClient) -> None:
        response = await browser.get("/health", headers={"Origin": ORIGIN})

        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert "x-request-id" in response.headers["access-control-expose-headers"].lower()
        assert "origin" in response.headers["vary"].lower()

    @pytest.mark.parametrize("path", ["/nothing", "/api/v1/users/me"])
    async def test_an_allowed_origin_can_read_errors(self, browser: AsyncClient, path: str) -> None:
        response = await browser.get(path, headers={"Origin": ORIGIN})

        assert response.headers["access-control-allow-origin"] == ORIGIN

    async def test_an_allowed_origin_can_read_an_internal_error(self, make_settings: MakeSettings, api: Api) -> None:
        async def bug() -> None:
            raise RuntimeError

        allowing = Api.of(make_settings(cors_origins=ORIGIN), api.stack, api.database)
        allowing.app.add_api_route("/bug", bug)

        response = await (await allowing.client(bugs_fail_the_test=False)).get("/bug", headers={"Origin": ORIGIN})

        expect.problem(response, 500, "internal_error")
        assert response.headers["access-control-allow-origin"] == ORIGIN

    @pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
    async def test_an_allowed_origin_can_send_the_methods_and_headers_of_the_api(
        self, browser: AsyncClient, method: str
    ) -> None:
        response = await preflight(browser, ORIGIN, method, "authorization, content-type, if-match")

        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == ORIGIN

    async def test_credentials_are_never_allowed(self, browser: AsyncClient) -> None:
        for response in (await preflight(browser, ORIGIN), await browser.get("/health", headers={"Origin": ORIGIN})):
            assert "access-control-allow-credentials" not in response.headers


class TestOtherOrigin:
    @pytest.mark.parametrize(
        "origin", ["https://evil.example", f"{ORIGIN}.evil.example", "http://app.example.com", "null"]
    )
    async def test_another_origin_cannot_read_responses(self, browser: AsyncClient, origin: str) -> None:
        response = await browser.get("/health", headers={"Origin": origin})

        assert "access-control-allow-origin" not in response.headers

    async def test_the_preflight_of_another_origin_is_refused(self, browser: AsyncClient) -> None:
        response = await preflight(browser, "https://evil.example")

        expect.problem(response, 400, "cors_refused")
        assert "access-control-allow-origin" not in response.headers

    async def test_no_origin_is_allowed_by_default(self, client: AsyncClient) -> None:
        response = await client.get("/health", headers={"Origin": ORIGIN})

        assert "access-control-allow-origin" not in response.headers
