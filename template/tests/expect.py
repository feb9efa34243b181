"""What answers have in common."""

from typing import Any

from httpx2 import Response


def problem(response: Response, status: int, code: str) -> dict[str, Any]:
    """The response is this error, in the form that every error has."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == response.headers["x-request-id"]
    return body


def unauthorized(response: Response, code: str = "invalid_token") -> None:
    """The response is a 401 with the challenge that RFC 6750 wants after a token that opens nothing."""
    problem(response, 401, code)
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def throttled(response: Response, *, minutes: int) -> None:
    """The response is a 429 that ends with a window of so many minutes, of which the test took one at most."""
    problem(response, 429, "too_many_requests")
    assert (minutes - 1) * 60 < int(response.headers["retry-after"]) <= minutes * 60


def reasons(response: Response, status: int = 422, code: str = "validation_error") -> set[tuple[str, str]]:
    """Pointer and code of everything that a 422 complains about."""
    body = problem(response, status, code)
    return {(error["pointer"], error["code"]) for error in body["errors"]}
