"""The OpenAPI document of FastAPI, with the errors of each operation added."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
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
from app.core.responses import MEDIA_TYPE, Problem, raises

METHODS = ("get", "post", "put", "patch", "delete", "head")
# Every operation can respond with these. 401 and 415 depend on the operation, so that `Api` adds them.
COMMON_ERRORS = raises(AppError, Unavailable, InvalidInput, ContentTooLarge)
# FastAPI names the schema and adds it to the document. One error of each operation is enough: FastAPI makes a validator
# for each of them, at every start.
COMMON_ERRORS[AppError.status]["model"] = Problem


def operation_id(route: APIRoute) -> str:
    """Stable and readable: generated clients name their methods after it."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


class Api(FastAPI):
    """FastAPI with our errors in its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """The document, built once."""
        if not self.openapi_schema:
            document = super().openapi()
            for operation in _operations(document):
                _complete(operation)
        return super().openapi()


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (path[method] for method in METHODS if method in path)


def _complete(operation: dict[str, Any]) -> None:
    """Errors have their own media type, and depend on whether the operation needs a token or reads a body."""
    responses = operation["responses"]
    conditional: list[type[AppError]] = []
    if operation.get("security"):
        conditional += [NotAuthenticated, InvalidToken]
    if operation.get("requestBody"):
        conditional += [UnsupportedMediaType]
    for status, response in raises(*conditional).items():
        responses.setdefault(str(status), response)
    contents = [response["content"] for response in responses.values() if MEDIA_TYPE in response.get("content", {})]
    schema: dict[str, Any] = {}
    for content in contents:
        # FastAPI puts the schema of a response under application/json.
        schema = content.pop("application/json", schema)
    for content in contents:
        content[MEDIA_TYPE] = content[MEDIA_TYPE] | schema
    operation["responses"] = dict(sorted(responses.items()))
