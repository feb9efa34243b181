"""What all errors have in common, and malicious input: it must never cause a 5xx or be repeated in the response."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests import expect
from tests.factories.users import Person

LOGIN = "/api/v1/auth/login"
JSON = {"Content-Type": "application/json"}


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/nothing",
            "/api/v1",
            "/api/v1/users/me/",
            "/health/",
            "/api/v1//users/me",
            "/%00",
            "/%ff",
        ],
    )
    async def test_unknown_paths_are_404(self, client: AsyncClient, path: str) -> None:
        expect.problem(await client.get(path), 404, "not_found")

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("PUT", "/api/v1/users/me", "DELETE, GET, PATCH"),
            ("GET", LOGIN, "POST"),
            ("POST", "/health/live", "GET, HEAD"),
            ("TRACE", "/api/v1/auth/sessions", "GET"),
            ("FOO", "/api/v1/auth/logout", "POST"),
            ("PATCH", "/api/v1/users/00000000-0000-0000-0000-000000000000", "GET"),
            ("GET", "/api/v1/auth/sessions/00000000000000000000000000000000", "DELETE"),
        ],
    )
    async def test_a_wrong_method_is_405_with_all_allowed_methods(
        self, client: AsyncClient, method: str, path: str, allowed: str
    ) -> None:
        response = await client.request(method, path)

        expect.problem(response, 405, "method_not_allowed")
        assert response.headers["allow"] == allowed


class TestBodies:
    @pytest.mark.parametrize(
        "content_type",
        [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream"],
    )
    async def test_a_body_that_is_not_json_is_415(self, client: AsyncClient, content_type: str | None) -> None:
        headers = {"Content-Type": content_type} if content_type else {}

        response = await client.post(LOGIN, content=b'{"email": "secret"}', headers=headers)

        expect.problem(response, 415, "unsupported_media_type")
        assert "secret" not in response.text

    @pytest.mark.parametrize("size", [1024 * 1024 + 1, 3 * 1024 * 1024])
    async def test_a_body_over_the_limit_is_413(self, client: AsyncClient, size: int) -> None:
        response = await client.post(LOGIN, content=b" " * size, headers=JSON)

        expect.problem(response, 413, "content_too_large")

    async def test_a_chunked_body_over_the_limit_is_413(self, client: AsyncClient) -> None:
        sent = 0

        async def chunks() -> AsyncIterator[bytes]:
            nonlocal sent
            while sent < 64 * 1024 * 1024:
                sent += 64 * 1024
                yield b" " * 64 * 1024

        response = await client.post(LOGIN, content=chunks(), headers=JSON)

        expect.problem(response, 413, "content_too_large")
        assert sent <= 2 * 1024 * 1024

    async def test_a_body_of_exactly_the_limit_is_accepted(self, client: AsyncClient) -> None:
        body = json.dumps({"email": "a@example.com", "password": "x"}).encode().ljust(1024 * 1024)

        assert (await client.post(LOGIN, content=body, headers=JSON)).status_code == 401

    @pytest.mark.parametrize("length", ["99999999999999999999999999", "-1", "x", "1e3", "٣"])
    async def test_an_invalid_content_length_is_no_server_error(self, client: AsyncClient, length: str) -> None:
        headers = [(b"Content-Type", b"application/json"), (b"Content-Length", length.encode())]

        response = await client.post(LOGIN, content=b"{}", headers=headers)

        assert response.status_code in {413, 422}

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"{", id="cut"),
            pytest.param(b"null", id="null"),
            pytest.param(b"\xff\xfe\x00", id="binary"),
            pytest.param(b'{"email": "\xff", "password": "x"}', id="not-utf8"),
            pytest.param("{}".encode("utf-16"), id="utf16"),
            pytest.param(b'\xef\xbb\xbf{"email": 1}', id="bom"),
            pytest.param(b'{"email": NaN, "password": Infinity}', id="nan"),
            pytest.param(b'{"email": 1e999, "password": -1e999}', id="infinite"),
            pytest.param(b'{"email": ' + b"9" * 5000 + b', "password": "x"}', id="5000-digits"),
            pytest.param(b"9" * 5000, id="5000-digits-bare"),
            pytest.param(b"[" * 100_000, id="deep"),
            pytest.param(b"[" * 5_000 + b"]" * 5_000, id="deep-closed"),
            pytest.param(b'{"a":' * 2_000 + b"1" + b"}" * 2_000, id="deep-objects"),
            pytest.param(b'{"email": "a@example.com\\u0000", "password": "x"}', id="nul-email"),
            pytest.param(b'{"email": "a@example.com", "password": "\\u0000"}', id="nul-password"),
            pytest.param(b'{"email": "\\ud800@example.com", "password": "x"}', id="surrogate-email"),
            pytest.param(b'{"email": "a@example.com", "password": "\\udfff"}', id="surrogate-password"),
            pytest.param(b'{"\\ud800": "x"}', id="surrogate-name"),
            pytest.param(b'{"email": {}, "password": []}', id="types"),
        ],
    )  # fmt: skip
    async def test_a_malicious_body_is_422(self, client: AsyncClient, content: bytes) -> None:
        response = await client.post(LOGIN, content=content, headers=JSON)

        expect.problem(response, 422, "validation_error")
        assert response.json()["errors"]
        assert len(response.content) < 2000

    async def test_a_few_unknown_members_are_each_a_reason(self, client: AsyncClient) -> None:
        unknown = {f"member_{number}": 1 for number in range(50)}

        response = await client.post(LOGIN, json={"email": "a@example.com", "password": "x", **unknown})

        assert expect.reasons(response) == {(f"#/{name}", "extra_forbidden") for name in unknown}

    async def test_many_unknown_members_are_one_reason(self, client: AsyncClient) -> None:
        """With one for each, the response would be ten times as large as the body."""
        response = await client.post(LOGIN, json={str(number): 1 for number in range(100_000)})

        assert expect.reasons(response) == {("#", "too_many_members")}

    async def test_errors_do_not_repeat_unknown_member_names(self, client: AsyncClient) -> None:
        response = await client.post(LOGIN, json={"<script>": 1, "my password: hunter2": 2})

        assert "script" not in response.text
        assert "hunter2" not in response.text

    async def test_errors_do_not_repeat_values(self, client: AsyncClient) -> None:
        response = await client.post(LOGIN, json={"email": ["hunter2"], "password": {"x": "hunter2"}})

        assert response.status_code == 422
        assert "hunter2" not in response.text


class TestQueries:
    @pytest.mark.parametrize(
        ("params", "pointer"),
        [
            ({"per_page": "0"}, "query:per_page"),
            ({"per_page": "101"}, "query:per_page"),
            ({"per_page": "x"}, "query:per_page"),
            ({"per_page": "9" * 5000}, "query:per_page"),
            ({"page": "0"}, "query:page"),
            ({"page": "-1"}, "query:page"),
            ({"page": "1.5"}, "query:page"),
            ({"page": str(2**63)}, "query:page"),
            ({"page": "9" * 30}, "query:page"),
            ({"cursor": "x"}, "query:cursor"),
            ({"cursor": "\x00"}, "query:cursor"),
            ({"cursor": "x" * 5000}, "query:cursor"),
            ({"cursor": "é"}, "query:cursor"),
        ],
    )
    async def test_values_out_of_bounds_are_422(self, ada: Person, params: dict[str, Any], pointer: str) -> None:
        response = await ada.http.get("/api/v1/auth/sessions", params=params)

        assert response.status_code == 422
        assert {error["pointer"] for error in response.json()["errors"]} == {pointer}

    @pytest.mark.parametrize(
        "query", ["page=%ff", "%00=%00", "per_page=%ed%a0%80", "page=1&page=2", "&&&=", "cursor=%"]
    )
    async def test_arbitrary_bytes_are_no_server_error(self, ada: Person, query: str) -> None:
        response = await ada.http.get(f"/api/v1/auth/sessions?{query}")

        assert response.status_code in {200, 422}
