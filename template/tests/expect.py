"""Assertions about responses."""

from typing import Any

from httpx2 import Response


def problem(response: Response, status: int, code: str) -> dict[str, Any]:
    """Assert that the response is this error, in the format of all errors. Return its body."""
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
    """Assert that the response is a 401 with the challenge of RFC 6750 for an invalid token."""
    problem(response, 401, code)
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def throttled(response: Response, *, minutes: int) -> None:
    """Assert that the response is a 429 of a window with so many minutes, which began at most one minute ago."""
    problem(response, 429, "too_many_requests")
    assert (minutes - 1) * 60 < int(response.headers["retry-after"]) <= minutes * 60


def reasons(response: Response, status: int = 422, code: str = "validation_error") -> set[tuple[str, str]]:
    """Assert that the response is this error. Return the pointer and the code of each of its reasons."""
    body = problem(response, status, code)
    return {(error["pointer"], error["code"]) for error in body["errors"]}
