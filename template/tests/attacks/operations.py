"""Every operation in the OpenAPI document, so that attacks include the operations that are added later."""

from typing import Any, NamedTuple
from uuid import uuid4

from httpx2 import AsyncClient, Response

from app.core.pagination import PageQuery
from app.main import app

DOCUMENT = app.openapi()


class Operation(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    protected: bool
    members: list[str]
    is_list: bool
    parameters: dict[str, dict[str, Any]]

    def url(self, public_id: object = None) -> str:
        """The path with the given id, or with one that does not exist. Other parameters get a value of their type."""
        values = {name: _example(schema) for name, schema in self.parameters.items()}
        return self.path.format_map(values | {"public_id": public_id or uuid4()})

    async def on(self, http: AsyncClient, public_id: object = None, **options: Any) -> Response:
        """Call the operation with the client. See `url`."""
        return await http.request(self.method, self.url(public_id), **options)


def _example(schema: dict[str, Any]) -> object:
    if schema.get("type") in {"integer", "number"}:
        return 1
    return uuid4() if schema.get("format") == "uuid" else "x"


def _members(operation: dict[str, Any]) -> list[str]:
    """The names of the members of a JSON body that is an object."""
    json = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = json.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return list(DOCUMENT["components"]["schemas"][name].get("properties", {})) if name else []


def _parameters(operation: dict[str, Any], place: str) -> dict[str, dict[str, Any]]:
    found = operation.get("parameters", [])
    return {parameter["name"]: parameter["schema"] for parameter in found if parameter["in"] == place}


OPERATIONS = [
    Operation(
        method.upper(),
        path,
        any("bearer" in scheme for scheme in operation.get("security", [])),
        _members(operation),
        set(PageQuery.model_fields) <= set(_parameters(operation, "query")),
        _parameters(operation, "path"),
    )
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
PROTECTED = [operation for operation in OPERATIONS if operation.protected]
WITH_BODY = [operation for operation in OPERATIONS if operation.members]
ABOUT_ONE = [operation for operation in OPERATIONS if "{public_id}" in operation.path]
LISTS = [operation for operation in OPERATIONS if operation.is_list]
