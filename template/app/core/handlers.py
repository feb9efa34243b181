"""Turn every exception into a problem. A 422 names places and rules, never what was sent."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.core.exceptions import (
    AppError,
    FieldError,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    UnsupportedMediaType,
    sentence,
)
from app.core.responses import answer, harmless, problem

UNREADABLE = FieldError("#", "json_invalid", "The body is not valid JSON.")


async def app_error(_: Request, error: AppError) -> Response:
    """Answer as the error's class says."""
    return answer(error)


async def http_exception(request: Request, error: HTTPException) -> Response:
    """Answer for the framework: unknown paths and methods, bodies that cannot be read."""
    if error.status_code == HTTPStatus.BAD_REQUEST and (cause := error.__cause__) is not None:
        return answer(cause if isinstance(cause, AppError) else InvalidInput(errors=[UNREADABLE]))
    if error.status_code == HTTPStatus.NOT_FOUND:
        return answer(NotFound())
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return answer(MethodNotAllowed(_methods_of(request)))
    return problem(error.status_code, f"http_{error.status_code}", f"{error.detail}", headers=error.headers)


async def validation_error(_: Request, error: RequestValidationError) -> Response:
    """422, or 415 where the body was not JSON: FastAPI then hands the bytes over unparsed."""
    if isinstance(error.body, bytes):
        return answer(UnsupportedMediaType())
    return answer(InvalidInput(errors=[_reason(found) for found in error.errors()]))


async def internal_error(_: Request, __: Exception) -> Response:
    """The envelope logs what happened; the client learns nothing but the request id."""
    return answer(AppError())


def install(app: FastAPI) -> None:
    """Register the four handlers."""
    app.add_exception_handler(AppError, app_error)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, http_exception)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, validation_error)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, internal_error)


def _methods_of(request: Request) -> set[str]:
    """Starlette's own `Allow` names only the first route of the path."""
    path = request.scope["path"]
    contexts = iter_route_contexts(request.app.routes)
    return {
        method
        for route in contexts
        if (regex := getattr(route, "path_regex", None)) is not None and regex.match(path)
        for method in route.methods or ()
    }


def _reason(found: dict[str, Any]) -> FieldError:
    if found["type"] == UNREADABLE.code:
        return UNREADABLE
    return FieldError(_pointer(found["loc"]), found["type"], sentence(found))


def _pointer(loc: tuple[str | int, ...]) -> str:
    """The place in RFC 6901 or `query:name`; a name that a client made up is shown only if it is harmless."""
    origin, *path = loc
    names = [harmless(str(part)) for part in path]
    return "/".join(["#", *names]) if origin == "body" else f"{origin}:{'.'.join(names)}"
