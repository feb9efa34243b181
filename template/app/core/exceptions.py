"""Errors that a client may see.

    AppError                     status, code and headers on the class
    ├── InvalidInput         422  what was sent breaks a rule; lists every reason
    ├── InvalidToken         401  a bearer token that opens nothing
    ├── NotAuthenticated     401  no bearer token at all
    ├── Forbidden            403  may be seen, but not done
    ├── NotFound             404  is not there, or must look so
    ├── MethodNotAllowed     405  ┐
    ├── ContentTooLarge      413  │ what the framework refuses
    ├── UnsupportedMediaType 415  ┘
    ├── NotModified          304  the client's copy is current
    ├── TooManyRequests      429
    └── Unavailable          503  try again in a moment

A service puts its own subclasses above itself; nothing has to be registered.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple


class FieldError(NamedTuple):
    """One reason of a 422: `pointer` is `#/member`, `query:name` or `path:name`."""

    pointer: str
    code: str
    detail: str


def sentence(found: Mapping[str, Any]) -> str:
    """What Pydantic says of an error, without the culprit that it quotes after a comma, and without an expression."""
    if found["type"] == "string_pattern_mismatch":
        return "This has characters that are not allowed here."
    message: str = found["msg"]
    return message.partition(",")[0] if found["type"].endswith("_parsing") else message


class AppError(Exception):
    """Base of every error with an answer of its own. `detail` is shown to the client."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    detail: ClassVar[str] = "Something went wrong on our side."
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *, headers: Mapping[str, str] | None = None, errors: Sequence[FieldError] | None = None) -> None:
        super().__init__(self.detail)
        self.response_headers = {**type(self).headers, **(headers or {})}
        self.errors = errors


class InvalidInput(AppError):
    """A rule that only a service can check was broken."""

    status = 422
    code = "validation_error"
    detail = "The request has errors."


class NotAuthenticated(AppError):
    """RFC 6750 §3: without a token the challenge names no error."""

    status = 401
    code = "not_authenticated"
    detail = "This needs a bearer token."
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class InvalidToken(AppError):
    """One answer for expired, forged and revoked, so that it tells an attacker nothing."""

    status = 401
    code = "invalid_token"
    detail = "The access token is invalid or has expired."
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class Forbidden(AppError):
    """The caller may see the thing but not do this."""

    status = 403
    code = "forbidden"
    detail = "You may not do this."


class NotFound(AppError):
    """The thing is not there, or the caller may not know that it is."""

    status = 404
    code = "not_found"
    detail = "There is nothing here."


class MethodNotAllowed(AppError):
    """`Allow` lists every method that the path knows."""

    status = 405
    code = "method_not_allowed"
    detail = "This path does not know this method."

    def __init__(self, allowed: Iterable[str]) -> None:
        super().__init__(headers={"Allow": ", ".join(sorted(allowed))})


class ContentTooLarge(AppError):
    """More than `MAX_BODY_BYTES`."""

    status = 413
    code = "content_too_large"
    detail = "The body is too large."


class UnsupportedMediaType(AppError):
    """Only JSON is understood (RFC 9110 §15.5.16)."""

    status = 415
    code = "unsupported_media_type"
    detail = "Send the body as application/json."
    headers: ClassVar[Mapping[str, str]] = {"Accept": "application/json"}


class NotModified(AppError):
    """The copy that the client named in `If-None-Match` is current. Has no body."""

    status = 304
    code = "not_modified"
    detail = "Not modified."


class TooManyRequests(AppError):
    """Carries `Retry-After` in seconds."""

    status = 429
    code = "too_many_requests"
    detail = "Too many attempts. Try again later."


class Unavailable(AppError):
    """Something that we need is not there for a moment."""

    status = 503
    code = "unavailable"
    detail = "The service is not available at the moment. Try again."
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}
