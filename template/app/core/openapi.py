"""What every operation can answer, written into the OpenAPI document once, so that no route can forget it."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

from app.core.exceptions import (
    AppError,
    ContentTooLarge,
    InvalidInput,
    InvalidToken,
    NotAuthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from app.core.responses import Problem, raises

METHODS = ("get", "post", "put", "patch", "delete", "head")
FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")


def operation_id(route: APIRoute) -> str:
    """Stable and readable: generated clients name their methods after it."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Add the problem schema, and to each operation the errors that it can meet."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    for operation in _operations(document):
        documented = operation["responses"]
        if "HTTPValidationError" in str(documented.get("422")):
            del documented["422"]
        for status, response in raises(*_errors_of(operation)).items():
            documented.setdefault(str(status), response)
        operation["responses"] = dict(sorted(documented.items()))
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (path[method] for method in METHODS if method in path)


def _errors_of(operation: dict[str, Any]) -> Iterator[type[AppError]]:
    """Queries that are no text and bodies that are too large are refused wherever they are sent."""
    yield from (AppError, Unavailable, InvalidInput, ContentTooLarge)
    if operation.get("security"):
        yield from (NotAuthenticated, InvalidToken)
    if operation.get("requestBody"):
        yield UnsupportedMediaType
