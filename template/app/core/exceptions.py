"""Errors that a client sees.

    AppError                     status, code and headers on the class
    ├── InvalidInput         422  the input breaks a rule; `errors` has the reasons that are known
    ├── InvalidToken         401  the bearer token is not valid
    ├── NotAuthenticated     401  there is no bearer token
    ├── Forbidden            403  the caller may see this, but not do that
    ├── NotFound             404  does not exist, or the caller must not know that it exists
    ├── Conflict             409  the database refused a write
    ├── ContentTooLarge      413
    ├── UnsupportedMediaType 415
    ├── NotModified          304  the client's copy is current
    ├── TooManyRequests      429
    └── Unavailable          503  temporary; try again

A service defines its own subclasses above its class; they need no registration. Those of several services are below.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple


class FieldError(NamedTuple):
    """One reason of a 422: `pointer` is `#/member`, `query:name` or `path:name`."""

    pointer: str
    code: str
    detail: str


def describe(error: Mapping[str, Any]) -> str:
    """The message of one of Pydantic's errors, without the input that a parser quotes after a comma."""
    if error["type"] == "string_pattern_mismatch":
        return "This value contains characters that are not allowed."
    message: str = error["msg"]
    return message.partition(",")[0] if error["type"].endswith("_parsing") else message


class AppError(Exception):
    """Base of every error that has a response of its own. `detail` is shown to the client."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    detail: ClassVar[str] = "An internal error occurred."
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *, headers: Mapping[str, str] | None = None, errors: Sequence[FieldError] | None = None) -> None:
        super().__init__(self.detail)
        self.response_headers = {**type(self).headers, **(headers or {})}
        self.errors = errors


class InvalidInput(AppError):
    """The input breaks a rule."""

    status = 422
    code = "validation_error"
    detail = "The request contains errors."


class NotAuthenticated(AppError):
    """RFC 6750 §3: without a token the challenge contains no error."""

    status = 401
    code = "not_authenticated"
    detail = "A bearer token is required."
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class InvalidToken(AppError):
    """The same response for expired, forged and revoked tokens, so that an attacker learns nothing."""

    status = 401
    code = "invalid_token"
    detail = "The access token is invalid or has expired."
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class Forbidden(AppError):
    """The caller may see the resource but not do this."""

    status = 403
    code = "forbidden"
    detail = "You are not allowed to do this."


class NotFound(AppError):
    """The resource does not exist, or the caller must not know that it exists."""

    status = 404
    code = "not_found"
    detail = "Not found."


class Conflict(AppError):
    """A constraint of the database refused the write, and the service has no error of its own for it."""

    status = 409
    code = "conflict"
    detail = "This conflicts with existing data."


class ContentTooLarge(AppError):
    """The body exceeds `MAX_BODY_BYTES`."""

    status = 413
    code = "content_too_large"
    detail = "The body is too large."


class UnsupportedMediaType(AppError):
    """Only JSON is accepted (RFC 9110 §15.5.16)."""

    status = 415
    code = "unsupported_media_type"
    detail = "Send the body as application/json."
    headers: ClassVar[Mapping[str, str]] = {"Accept": "application/json"}


class NotModified(AppError):
    """The copy that `If-None-Match` names is current. The response has no body."""

    status = 304
    code = "not_modified"
    detail = "Not modified."


class TooManyRequests(AppError):
    """Has `Retry-After` in seconds."""

    status = 429
    code = "too_many_requests"
    detail = "Too many attempts. Try again later."


class Unavailable(AppError):
    """Something that the request needs is not available at the moment."""

    status = 503
    code = "unavailable"
    detail = "The service is temporarily unavailable. Try again."
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}


class EmailTaken(AppError):
    """The database decides, so that the loser of two simultaneous registrations gets it too."""

    status = 409
    code = "email_taken"
    detail = "An account with this e-mail address exists."


class LastAdmin(AppError):
    """Without an administrator nobody could make another one, except on the command line."""

    status = 409
    code = "last_admin"
    detail = "This is the last active administrator."


class ReauthenticationRequired(Forbidden):
    """The last password check is too old for what the caller wants to do."""

    code = "reauthentication_required"
    detail = "Confirm your password at /api/v1/auth/reauthenticate first."
