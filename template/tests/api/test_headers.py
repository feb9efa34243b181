"""Headers of every response, successful or not."""

from contextlib import AsyncExitStack

import pytest
from httpx2 import AsyncClient

from app.core.config import Settings
from tests import expect
from tests.factories.users import Person
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings

PATHS = ["/health", "/nothing", "/api/v1/users/me", "/api/docs/openapi.json"]


@pytest.fixture
async def broken(settings: Settings, stack: AsyncExitStack) -> AsyncClient:
    """A client of an application with a bug."""

    async def bug() -> None:
        raise RuntimeError("hunter2")

    api = Api.of(settings, stack)
    api.app.add_api_route("/bug", bug)
    return await api.client(bugs_fail_the_test=False)


class TestHeaders:
    @pytest.mark.parametrize("path", PATHS)
    async def test_every_response_has_the_security_headers(self, client: AsyncClient, path: str) -> None:
        headers = (await client.get(path)).headers

        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers
        assert "strict-transport-security" not in headers

    async def test_production_sends_strict_transport_security(self, make_settings: MakeSettings, api: Api) -> None:
        settings = make_settings(environment="production", argon2_memory_cost=19456, argon2_time_cost=2)
        client = await Api.of(settings, api.stack).client()

        for path in ("/health/live", "/nothing"):
            assert "max-age=" in (await client.get(path)).headers["strict-transport-security"]


class TestRequestId:
    @pytest.mark.parametrize("path", PATHS)
    async def test_a_valid_request_id_of_the_client_is_kept(self, client: AsyncClient, path: str) -> None:
        response = await client.get(path, headers={"X-Request-ID": "abc-1.2_Z"})

        assert response.headers["x-request-id"] == "abc-1.2_Z"

    @pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "é", "a\tb", '"><script>', "a;b"])
    async def test_an_invalid_request_id_of_the_client_is_replaced(self, client: AsyncClient, sent: str) -> None:
        response = await client.get("/nothing", headers=[(b"X-Request-ID", sent.encode())])

        assert response.headers["x-request-id"] != sent
        assert response.json()["request_id"] == response.headers["x-request-id"]

    async def test_each_request_gets_a_new_request_id(self, client: AsyncClient) -> None:
        ids = {(await client.get("/health/live")).headers["x-request-id"] for _ in range(3)}

        assert len(ids) == 3


class TestInternalError:
    async def test_an_internal_error_shows_only_the_request_id(self, broken: AsyncClient) -> None:
        response = await broken.get("/bug", headers={"X-Request-ID": "r1"})

        body = expect.problem(response, 500, "internal_error")
        assert set(body) == {"type", "title", "status", "detail", "code", "request_id"}
        assert body["request_id"] == "r1"
        assert "hunter2" not in response.text

    async def test_an_internal_error_has_the_same_headers_as_a_success(self, broken: AsyncClient) -> None:
        success, failure = await broken.get("/health/live"), await broken.get("/bug")

        assert set(failure.headers) == set(success.headers)


class TestNoContent:
    async def test_204_has_no_body_and_no_content_type(self, ada: Person) -> None:
        response = await ada.http.post("/api/v1/auth/logout")

        assert response.content == b""
        assert "content-type" not in response.headers
