"""Rules for every route, including routes that you add."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from app.core.dependencies import Public, SignedIn
from app.core.http import docs
from app.core.responses import MEDIA_TYPE
from app.main import app
from tests import keys

# Mounted applications, such as an admin page, have no dependencies. They must authenticate their callers themselves.
ROUTES = [
    route
    for route in iter_route_contexts(app.routes)
    if hasattr(route, "dependant") and not str(route.path).startswith(docs.PATH)
]
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


def needs_caller(route: Any) -> bool:
    return SignedIn.dependency in set(dependencies(route.dependant))


def label(route: RouteContext) -> str:
    return f"{'/'.join(sorted(route.methods or ['WEBSOCKET']))} {route.path}"


class TestEveryRoute:
    @pytest.mark.parametrize("route", ROUTES, ids=label)
    def test_every_route_needs_authentication_or_is_declared_public(self, route: Any) -> None:
        """Use `CurrentUser` or `SignedIn` in the route, or declare `dependencies=[Public]`."""
        assert needs_caller(route) != (Public.dependency in set(dependencies(route.dependant)))

    @pytest.mark.parametrize("route", ROUTES, ids=label)
    def test_the_document_has_the_bearer_scheme_for_routes_that_need_authentication(self, route: Any) -> None:
        for method in route.methods or ():
            operation = DOCUMENT["paths"].get(route.path_format, {}).get(method.lower())
            schemes = {name for scheme in (operation or {}).get("security", []) for name in scheme}
            assert operation is None or ("bearer" in schemes) == needs_caller(route)


class TestEveryOperation:
    @pytest.mark.parametrize(("path", "operation"), OPERATIONS)
    def test_every_operation_documents_its_errors(self, path: str, operation: dict[str, Any]) -> None:
        expected = {"413", "422", "500", "503"}
        if operation.get("security"):
            expected.add("401")
        if operation.get("requestBody"):
            expected.add("415")
        if "{public_id}" in path:
            expected.add("404")
        if path.startswith("/health"):
            # The 503 of a health check is a report, not an error.
            expected.remove("503")

        for status in expected:
            assert list(operation["responses"][status]["content"]) == [MEDIA_TYPE]

    def test_operation_ids_are_unique(self) -> None:
        ids = [parameter.id for parameter in OPERATIONS]

        assert len(set(ids)) == len(ids)


class TestDocument:
    def test_the_document_is_openapi_3_1_with_a_bearer_scheme(self) -> None:
        assert DOCUMENT["openapi"].startswith("3.1")
        assert DOCUMENT["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"

    @pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
    def test_no_schema_has_an_integer_key(self, name: str) -> None:
        properties = DOCUMENT["components"]["schemas"][name].get("properties", {})

        for member in keys.NAMES & properties.keys():
            kinds = [properties[member], *properties[member].get("anyOf", [])]
            assert "integer" not in [kind.get("type") for kind in kinds], member
