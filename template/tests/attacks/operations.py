"""All that the application offers, as its own document tells: attacks on every operation find the new ones too."""

import re
from typing import Any, NamedTuple
from uuid import uuid4

from httpx2 import AsyncClient, Response

from app.main import app

DOCUMENT = app.openapi()


class Operation(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    protected: bool
    members: list[str]
    is_list: bool

    async def on(self, http: AsyncClient, public_id: object = None, **options: Any) -> Response:
        """Call it, about nothing that exists."""
        path = self.path.replace("{public_id}", str(public_id or uuid4()))
        return await http.request(self.method, path, **options)


def _members(operation: dict[str, Any]) -> list[str]:
    """The names of what a body may have."""
    name = re.search(r"#/components/schemas/(\w+)", str(operation.get("requestBody")))
    return list(DOCUMENT["components"]["schemas"][name[1]]["properties"]) if name else []


def _takes(operation: dict[str, Any], parameter: str) -> bool:
    return any(known["name"] == parameter for known in operation.get("parameters", []))


OPERATIONS = [
    Operation(method.upper(), path, bool(operation.get("security")), _members(operation), _takes(operation, "cursor"))
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
PROTECTED = [operation for operation in OPERATIONS if operation.protected]
WITH_BODY = [operation for operation in OPERATIONS if operation.members]
ABOUT_ONE = [operation for operation in OPERATIONS if "{public_id}" in operation.path]
LISTS = [operation for operation in OPERATIONS if operation.is_list]
