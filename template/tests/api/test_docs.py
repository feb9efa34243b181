"""The documentation pages."""

import re

import pytest
from httpx2 import AsyncClient

from tests import expect
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings

PAGES = ["/api/docs/swagger", "/api/docs/redoc"]
LOADED = re.compile(r'(?:src|href)="([^"]+)"')


class TestPages:
    @pytest.mark.parametrize("path", PAGES)
    async def test_load_only_what_is_served_here(self, client: AsyncClient, path: str) -> None:
        page = await client.get(path)

        assert page.status_code == 200
        loaded = LOADED.findall(page.text)
        assert len(loaded) >= 3
        for address in loaded:
            assert address.startswith("/"), address
            assert (await client.get(address)).status_code == 200, address

    @pytest.mark.parametrize("path", PAGES)
    async def test_have_a_policy_without_inline_scripts_and_other_origins(self, client: AsyncClient, path: str) -> None:
        page = await client.get(path)

        policy = dict(part.split(maxsplit=1) for part in page.headers["content-security-policy"].split("; "))
        assert policy["script-src"] == "'self'"
        assert policy["default-src"] == "'none'"
        assert "//" not in page.headers["content-security-policy"]
        assert not re.search(r"<script>|<script [^>]*>[^<\s]", page.text)

    async def test_are_named_after_the_application(self, client: AsyncClient) -> None:
        for path in PAGES:
            assert "Probe" in (await client.get(path)).text

    async def test_are_sent_whole(self, client: AsyncClient) -> None:
        """Where a range is wrong, the framework answers in plain text."""
        for wanted in ("bytes=0-9", "bytes=9-0", "bytes=x"):
            response = await client.get("/api/docs/assets/swagger-ui.css", headers={"Range": wanted})

            assert (response.status_code, len(response.content) > 10_000) == (200, True)

    async def test_serve_no_other_files(self, client: AsyncClient) -> None:
        for name in ("nothing.js", "..%2f__init__.py", "%2e%2e/core.py"):
            expect.problem(await client.get(f"/api/docs/assets/{name}"), 404, "not_found")


class TestSwitchedOff:
    @pytest.mark.parametrize(
        "path", [*PAGES, "/api/docs/openapi.json", "/api/docs/assets/swagger-ui.css", "/openapi.json", "/docs"]
    )
    async def test_nothing_is_there(self, make_settings: MakeSettings, api: Api, path: str) -> None:
        client = await Api.of(make_settings(docs_enabled=False), api.stack).client()

        expect.problem(await client.get(path), 404, "not_found")
