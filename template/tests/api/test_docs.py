"""The documentation pages."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests import expect
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings

PAGES = ["/api/docs/swagger", "/api/docs/redoc"]
LOADED = re.compile(r'(?:src|href)="([^"]+)"')


class TestPages:
    @pytest.mark.parametrize("path", PAGES)
    async def test_pages_load_only_files_that_this_application_serves(self, client: AsyncClient, path: str) -> None:
        page = await client.get(path)

        assert page.status_code == 200
        loaded = LOADED.findall(page.text)
        assert len(loaded) >= 3
        for address in loaded:
            assert address.startswith("/"), address
            assert (await client.get(address)).status_code == 200, address

    @pytest.mark.parametrize("path", PAGES)
    async def test_the_policy_allows_no_inline_scripts_and_no_other_origins(
        self, client: AsyncClient, path: str
    ) -> None:
        page = await client.get(path)

        policy = dict(part.split(maxsplit=1) for part in page.headers["content-security-policy"].split("; "))
        assert policy["script-src"] == "'self'"
        assert policy["default-src"] == "'none'"
        assert "//" not in page.headers["content-security-policy"]
        assert not re.search(r"<script>|<script [^>]*>[^<\s]", page.text)

    async def test_pages_show_the_name_of_the_application(self, client: AsyncClient) -> None:
        for path in PAGES:
            assert "Probe" in (await client.get(path)).text

    @pytest.mark.parametrize("asked", ["bytes=x", "bytes=99999999-", "bytes=0-9"])
    async def test_a_file_is_sent_whole_whatever_range_is_asked(self, client: AsyncClient, asked: str) -> None:
        response = await client.get("/api/docs/assets/swagger-ui.css", headers={"Range": asked})

        assert (response.status_code, response.headers["content-type"]) == (200, "text/css; charset=utf-8")

    async def test_other_files_are_404(self, client: AsyncClient) -> None:
        for name in ("nothing.js", "..%2f__init__.py", "%2e%2e/core.py"):
            expect.problem(await client.get(f"/api/docs/assets/{name}"), 404, "not_found")


class TestDisabledDocs:
    @pytest.mark.parametrize(
        "path", [*PAGES, "/api/docs/openapi.json", "/api/docs/assets/swagger-ui.css", "/openapi.json", "/docs"]
    )
    async def test_disabled_docs_are_404(self, make_settings: MakeSettings, api: Api, path: str) -> None:
        client = await Api.of(make_settings(docs_enabled=False), api.stack).client()

        expect.problem(await client.get(path), 404, "not_found")


def strings(document: dict[str, Any], part: Any) -> Iterator[dict[str, Any]]:
    """Every schema of a text in a part of the document."""
    if isinstance(part, dict):
        if reference := part.get("$ref"):
            yield from strings(document, document["components"]["schemas"][reference.rpartition("/")[2]])
        if part.get("type") == "string" and "enum" not in part and "format" not in part and "const" not in part:
            yield part
        for child in part.values():
            yield from strings(document, child)
    elif isinstance(part, list):
        for child in part:
            yield from strings(document, child)


class TestTryItOut:
    def test_each_text_of_a_request_has_an_example_without_control_characters(self, api: Api) -> None:
        document = api.app.openapi()
        operations = [operation for path in document["paths"].values() for operation in path.values()]
        bodies = [operation.get("requestBody", {}) for operation in operations]

        found = [text for text in strings(document, bodies) if "pattern" in text]

        assert found
        for text in found:
            [example, *_] = text["examples"]
            assert example.isprintable()
            assert len(example) <= text.get("maxLength", len(example))

    @pytest.mark.parametrize(
        ("operation", "status", "code"),
        [
            ("register", 409, "email_taken"),
            ("login", 415, "unsupported_media_type"),
            ("login", 422, "validation_error"),
            ("sessions", 401, "invalid_token"),
        ],
    )
    def test_each_error_has_its_example(self, api: Api, operation: str, status: int, code: str) -> None:
        [documented, *_] = api.app.openapi()["paths"][f"/api/v1/auth/{operation}"].values()

        example = documented["responses"][str(status)]["content"]["application/problem+json"]["examples"][code]["value"]

        assert (example["status"], example["code"]) == (status, code)
        assert ("errors" in example) == (status == 422)

    def test_tags_and_parameters_of_pages_are_described(self, api: Api) -> None:
        document = api.app.openapi()

        assert {"auth", "users"} <= {tag["name"] for tag in document["tags"] if tag["description"]}
        sessions = document["paths"]["/api/v1/auth/sessions"]["get"]
        described = {parameter["name"] for parameter in sessions["parameters"] if parameter.get("description")}
        assert {"page", "per_page", "cursor"} <= described

    async def test_the_authorization_survives_a_reload(self, client: AsyncClient) -> None:
        assert '"persistAuthorization": true' in (await client.get("/api/docs/swagger.js")).text
