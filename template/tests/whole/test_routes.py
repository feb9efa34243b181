"""Promises about every route, also about those that are added later."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from app.core import docs
from app.core.dependencies import current_caller, public
from app.core.responses import MEDIA_TYPE
from app.main import app

# Whole numbers that count or measure something. Everything else that is a number might be a key of a table.
COUNTS = {"expires_in", "refresh_expires_in", "status", "per_page", "page", "total", "revoked_sessions"}

ROUTES = [route for route in iter_route_contexts(app.routes) if not str(route.path).startswith(docs.PATH)]
DOCUMENT = app.openapi()
OPERATIONS = [
    pytest.param(path, operation, id=operation["operationId"])
    for path, operations in DOCUMENT["paths"].items()
    for operation in operations.values()
]


def dependencies(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for dependency in dependant.dependencies:
        yield from dependencies(dependency)


def label(route: RouteContext) -> str:
    return f"{'/'.join(sorted(route.methods or ()))} {route.path}"


class TestEveryRoute:
    @pytest.mark.parametrize("route", ROUTES, ids=label)
    def test_needs_a_caller_unless_it_says_that_it_is_public(self, route: Any) -> None:
        calls = set(dependencies(route.dependant))

        assert (current_caller in calls) != (public in calls)

    @pytest.mark.parametrize("route", ROUTES, ids=label)
    def test_is_documented_unless_it_is_the_head_of_another(self, route: Any) -> None:
        documented = {method.upper() for method in DOCUMENT["paths"].get(route.path, {})}

        assert (route.methods or set()) - {"HEAD"} <= documented


class TestEveryOperation:
    @pytest.mark.parametrize("route", ROUTES, ids=label)
    def test_asks_for_a_bearer_token_exactly_if_it_needs_a_caller(self, route: Any) -> None:
        needed = current_caller in set(dependencies(route.dependant))

        for method in (route.methods or set()) - {"HEAD"}:
            operation = DOCUMENT["paths"][route.path][method.lower()]
            assert operation.get("security") == ([{"bearer": []}] if needed else None)

    @pytest.mark.parametrize(("path", "operation"), OPERATIONS)
    def test_declares_its_errors(self, path: str, operation: dict[str, Any]) -> None:
        expected = {"413", "422", "500", "503"}
        if operation.get("security"):
            expected.add("401")
        if operation.get("requestBody"):
            expected.add("415")
        if "{" in path:
            expected.add("404")

        assert expected <= set(operation["responses"])

    @pytest.mark.parametrize(("path", "operation"), OPERATIONS)
    def test_describes_errors_as_problems(self, path: str, operation: dict[str, Any]) -> None:
        for status, response in operation["responses"].items():
            if status >= "400" and not (status == "503" and path.startswith("/health")):
                assert response["content"] == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
            assert response["description"]

    @pytest.mark.parametrize(("path", "operation"), OPERATIONS)
    def test_says_what_it_is_for(self, path: str, operation: dict[str, Any]) -> None:
        assert operation["summary"]
        assert operation["description"].endswith("."), path
        assert operation["tags"]

    def test_has_an_id_of_its_own(self) -> None:
        ids = [parameter.id for parameter in OPERATIONS]

        assert len(set(ids)) == len(ids)


class TestEverySchema:
    def test_is_of_openapi_3_1(self) -> None:
        assert DOCUMENT["openapi"].startswith("3.1")
        assert DOCUMENT["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"

    @pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
    def test_shows_no_integer_id(self, name: str) -> None:
        for member, schema in DOCUMENT["components"]["schemas"][name].get("properties", {}).items():
            if member == "id" or member.endswith("_id"):
                assert schema.get("format") == "uuid" or member == "request_id"
            if "integer" in str(schema):
                assert member in COUNTS

    @pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
    def test_for_input_refuses_unknown_members(self, name: str) -> None:
        if name in {_body(operation) for operation in (parameter.values[1] for parameter in OPERATIONS)}:
            assert DOCUMENT["components"]["schemas"][name]["additionalProperties"] is False


def _body(operation: Any) -> str:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return str(content.get("schema", {})).rpartition("/")[2].strip("'}")
