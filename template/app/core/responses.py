"""Errors as JSON (RFC 9457) and in the OpenAPI document."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from app.core import context
from app.core.exceptions import AppError, FieldError, InvalidInput

MEDIA_TYPE = "application/problem+json"
# RFC 9110's names. Python 3.11 and 3.12 still have the older ones.
PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
SAFE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class ProblemReason(BaseModel):
    """One reason of a 422."""

    pointer: str = Field(examples=["#/email"])
    code: str
    detail: str


class Problem(BaseModel):
    """Every error of this API (RFC 9457). Programs decide by `code`; `detail` is for people."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[ProblemReason] | None = None


def safe_name(name: str) -> str:
    """A name that a client sent, if it is short and plain enough to be shown."""
    return name if SAFE_NAME.fullmatch(name) else "…"


def phrase(status: int) -> str:
    """The name of a status, also of one that no standard defines."""
    if status in PHRASES:
        return PHRASES[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] | None = None,
    **members: Any,
) -> Response:
    """An error response; further members appear beside the standard ones. 204 and 304 have no body."""
    if status in BODILESS:
        return Response(status_code=status, headers=headers)
    body = Problem(
        title=phrase(status),
        status=status,
        detail=detail,
        code=code,
        request_id=context.request_id.get(),
        errors=None if errors is None else [ProblemReason(**error._asdict()) for error in errors],
        **members,
    )
    return Response(body.model_dump_json(exclude_none=True), status, headers, MEDIA_TYPE)


def error_response(error: AppError) -> Response:
    """The response that the error's class describes."""
    return problem(error.status, error.code, error.detail, headers=error.response_headers, errors=error.errors)


def raises(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """Document errors on a route: `@router.get(…, responses=raises(NotFound))`."""
    documented: dict[int | str, dict[str, Any]] = {}
    for status in sorted({error.status for error in errors}):
        same_status = [error for error in errors if error.status == status]
        documented[status] = {"description": "; ".join(f"`{error.code}`: {error.detail}" for error in same_status)}
        if status not in BODILESS:
            # `core.http.openapi` adds the schema.
            examples = {error.code: {"value": _example(error)} for error in same_status}
            documented[status]["content"] = {MEDIA_TYPE: {"examples": examples}}
    return documented


def _example(error: type[AppError]) -> dict[str, Any]:
    """The body of this error."""
    reasons = [ProblemReason(pointer="#/email", code="missing", detail="Field required")]
    body = Problem(
        title=phrase(error.status),
        status=error.status,
        detail=error.detail,
        code=error.code,
        request_id="0f8fad5bd9cb469fa16570867728950e",
        errors=reasons if error is InvalidInput else None,
    )
    return body.model_dump(exclude_none=True)


def local_url(request: Request, path: str) -> str:
    """A path of this API as the client sees it: behind a proxy it may have a prefix (`--root-path`)."""
    return f"{request.scope.get('root_path', '').rstrip('/')}{path}"


def route_path(scope: Scope) -> str:
    """The path of a request without that prefix, as routes know it."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "").rstrip("/"))
