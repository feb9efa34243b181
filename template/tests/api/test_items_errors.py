"""Fixed paths of items that also match the path with an id."""

import pytest
from httpx2 import AsyncClient

from tests import expect


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/items", "GET, POST"),
        ("DELETE", "/api/v1/items/search", "GET"),
        ("PATCH", "/api/v1/items/my", "GET"),
        ("POST", "/api/v1/items/00000000-0000-0000-0000-000000000000", "DELETE, GET, PATCH"),
    ],
)
async def test_a_wrong_method_is_405_with_all_allowed_methods(
    client: AsyncClient, method: str, path: str, allowed: str
) -> None:
    response = await client.request(method, path)

    expect.problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == allowed
