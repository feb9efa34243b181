"""The documentation pages of a generated API, in Chromium."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import browser as chromium
import pytest
from conftest import Render, own
from environments import install
from playwright.sync_api import Browser, Locator, Page, expect
from servers import Client, serving

pytestmark = [
    pytest.mark.projects,
    pytest.mark.browser,
    pytest.mark.skipif(chromium.CHROMIUM is None, reason=chromium.MISSING),
]

START = "python cli.py init-env && python cli.py init-db && exec python run.py"
# What the pages fill in where a schema has neither an example nor a default, and characters that nobody types.
SENSELESS = re.compile(r"\"string\"|[\x00-\x09\x0b-\x1f\x7f]|\\u00[01]")


@pytest.fixture(scope="module")
def server(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    project = own(render({}), tmp_path_factory.mktemp("browser") / "my-api")
    with serving(install(project), project, START) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.browsing() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, server: Client) -> Iterator[Page]:
    """Return a new page. Check at the end that the console has no error, and that no other origin was asked."""
    opened = chromium.new_page(browser)
    errors: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("requestfailed", lambda request: errors.append(f"{request.url} failed"))
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    opened.context.close()
    assert errors == []
    assert asked
    assert [url for url in asked if not url.startswith((f"{server.base}/", "data:", "blob:"))] == []


def operation(page: Page, name: str) -> Locator:
    """Open an operation in Swagger, and press *Try it out*."""
    block = page.locator(f"[id$='-{name}'].opblock")
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    return block


def executed(block: Locator) -> tuple[str, str]:
    """Press *Execute*, and return status and body of the response."""
    block.locator(".execute").click()
    response = block.locator(".live-responses-table .response").first
    return response.locator(".response-col_status").inner_text().split()[0], response.locator("pre").first.inner_text()


class TestSwagger:
    @pytest.fixture
    def swagger(self, page: Page, server: Client) -> Page:
        page.goto(f"{server.base}/api/docs/swagger")
        expect(page.locator(".opblock").first).to_be_visible()
        return page

    def test_every_body_is_filled_in_with_an_example(self, swagger: Page, server: Client) -> None:
        _, document = server.get("/api/docs/openapi.json")
        names = [
            operation["operationId"]
            for operations in document["paths"].values()
            for operation in operations.values()
            if "requestBody" in operation
        ]
        bodies = {name: operation(swagger, name).locator(".body-param__text").input_value() for name in names}

        assert len(bodies) > 10
        assert all(isinstance(json.loads(body), dict) for body in bodies.values())
        assert {name: body for name, body in bodies.items() if SENSELESS.search(body)} == {}

    def test_the_examples_register_and_sign_in_and_a_reload_keeps_the_authorization(self, swagger: Page) -> None:
        status, _ = executed(operation(swagger, "auth_register"))
        assert status == "201"
        status, body = executed(operation(swagger, "auth_login"))
        assert status == "200"

        swagger.locator(".scheme-container .authorize").click()
        swagger.locator(".auth-container input").fill(json.loads(body)["access_token"])
        swagger.locator(".auth-container .authorize").click()
        swagger.locator(".auth-container .btn-done").click()
        status, shown = executed(operation(swagger, "users_read_me"))
        assert (status, json.loads(shown)["email"]) == ("200", "ada@example.com")

        # Otherwise the page would open the last operation again.
        swagger.evaluate("history.replaceState(null, '', location.pathname)")
        swagger.reload()
        status, shown = executed(operation(swagger, "users_read_me"))
        assert (status, json.loads(shown)["email"]) == ("200", "ada@example.com")

    def test_tags_and_parameters_of_pages_are_described(self, swagger: Page) -> None:
        expect(swagger.locator("#operations-tag-items")).to_contain_text("Items.")
        block = operation(swagger, "items_list_items")
        for name in ("page", "per_page", "cursor"):
            assert block.locator(f"[data-param-name='{name}'] .parameters-col_description p").first.inner_text()


def test_redoc_shows_the_operations(page: Page, server: Client) -> None:
    page.goto(f"{server.base}/api/docs/redoc")

    expect(page.locator("[data-section-id='tag/auth']")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_the_checks_of_a_page_find_errors_and_other_origins(browser: Browser, server: Client, tmp_path: Path) -> None:
    """Without this, the checks at the end of each test could be blind."""
    opened = chromium.new_page(browser)
    found: list[str] = []
    opened.on("console", lambda message: found.append(message.type))
    opened.on("request", lambda request: found.append(request.url))
    (tmp_path / "page.html").write_text(f"<script>console.error(1)</script><img src='{server.base}/none'>", "utf-8")

    opened.goto((tmp_path / "page.html").as_uri(), wait_until="networkidle")

    opened.context.close()
    assert "error" in found
    assert f"{server.base}/none" in found
