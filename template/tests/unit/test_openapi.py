"""The OpenAPI document with routes and schemas that you add."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pydantic import create_model

from app.core.responses import MEDIA_TYPE
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings

# Schema names that FastAPI or this project uses for errors.
TAKEN = ["ValidationError", "HTTPValidationError", "Problem", "ProblemReason"]


@pytest.fixture(params=TAKEN)
def document(request: pytest.FixtureRequest, make_settings: MakeSettings, stack: AsyncExitStack) -> dict[str, Any]:
    schema: Any = create_model(request.param, __module__=__name__, color=(str, ...))
    api = Api.of(make_settings(), stack)

    @api.app.post("/paints")
    async def paint(data: schema) -> schema:
        return data

    built: dict[str, Any] = api.app.openapi()
    return built


class TestSchemaNames:
    def test_an_operation_refers_to_the_added_schema(self, document: dict[str, Any]) -> None:
        operation = document["paths"]["/paints"]["post"]

        for content in (operation["requestBody"]["content"], operation["responses"]["200"]["content"]):
            assert list(resolved(document, content["application/json"]["schema"])["properties"]) == ["color"]

    def test_errors_refer_to_the_error_schema(self, document: dict[str, Any]) -> None:
        for path in ("/paints", "/api/v1/auth/login"):
            responses = document["paths"][path]["post"]["responses"]
            errors = {status: response for status, response in responses.items() if status >= "400"}
            assert {"413", "415", "422", "500", "503"} <= set(errors)
            for response in errors.values():
                [(media_type, content)] = response["content"].items()
                assert media_type == MEDIA_TYPE
                assert "request_id" in resolved(document, content["schema"])["properties"]

    def test_every_reference_has_a_schema(self, document: dict[str, Any]) -> None:
        for reference in references(document):
            assert resolved(document, {"$ref": reference})


class TestHeaders:
    @pytest.mark.parametrize("method", ["patch", "delete"])
    def test_if_match_is_a_string(self, api: Api, method: str) -> None:
        """Generators of clients leave out operations with a header that is an array."""
        operation = api.app.openapi()["paths"]["/api/v1/admin/users/{public_id}"][method]

        [schema] = [each["schema"] for each in operation["parameters"] if each["name"] == "if-match"]
        assert schema["type"] == "string"


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].removeprefix("#/components/schemas/")]
    return found


def references(part: Any) -> Iterator[str]:
    children = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for child in children:
        yield from references(child)
    if isinstance(part, dict) and isinstance(part.get("$ref"), str):
        yield part["$ref"]
