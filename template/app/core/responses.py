"""How errors look on the wire (RFC 9457) and in the OpenAPI document."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import Response

from app.core import context
from app.core.exceptions import AppError, FieldError

MEDIA_TYPE = "application/problem+json"
# RFC 9110's names, where those of older Pythons are older.
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}


SAFE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def harmless(name: str) -> str:
    """A name that a client made up, if it may be shown."""
    return name if SAFE_NAME.fullmatch(name) else "…"


class ProblemReason(BaseModel):
    """One reason of a 422."""

    pointer: str = Field(examples=["#/email"])
    code: str
    detail: str


class Problem(BaseModel):
    """Every error of this API (RFC 9457). Decide by `code`; `detail` is for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[ProblemReason] | None = None


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] | None = None,
) -> Response:
    """Answer with an error; 304 is answered without a body."""
    if status == HTTPStatus.NOT_MODIFIED:
        return Response(status_code=status, headers=headers)
    body = Problem(
        title=TITLES.get(status) or HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        request_id=context.request_id.get(),
        errors=None if errors is None else [ProblemReason(**error._asdict()) for error in errors],
    )
    return Response(body.model_dump_json(exclude_none=True), status, headers, MEDIA_TYPE)


def answer(error: AppError) -> Response:
    """Answer as the error's class says."""
    return problem(error.status, error.code, error.detail, headers=error.response_headers, errors=error.errors)


def raises(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """Document errors on a route: `@router.get(…, responses=raises(NotFound))`."""
    documented: dict[int | str, dict[str, Any]] = {}
    for status in sorted({error.status for error in errors}):
        alike = [error for error in errors if error.status == status]
        documented[status] = {"description": "; ".join(f"`{error.code}`: {error.detail}" for error in alike)}
        if status != HTTPStatus.NOT_MODIFIED:
            documented[status]["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return documented
