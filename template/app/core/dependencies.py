"""Dependencies that routes declare in their signatures. The only module of `core` above the services."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Protocol

from fastapi import Depends, Header, Query
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from pydantic import WithJsonSchema
from starlette.requests import HTTPConnection

from app.components import Components
from app.core.clients import Client
from app.core.exceptions import AppError, Forbidden, NotAuthenticated
from app.core.pagination import PageQuery
from app.models.callers import Caller
from app.services.auth import AuthService

# RFC 6750 §2.1. Several tokens at once are refused.
BEARER = re.compile(r"bearer +(?P<token>[A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)
ANY_BEARER = re.compile(r"bearer +[^ ]", re.IGNORECASE)


class EmailNotVerified(Forbidden):
    """The caller has not used the link that was sent to the address."""

    code = "email_not_verified"
    detail = "Verify your e-mail address first."


class Service(Protocol):
    """Gets its dependencies through the constructor."""

    def __init__(self, components: Components) -> None: ...


def provided(service: type[Service]) -> Any:
    """Make a service for a route. The routers show its use."""

    async def make(connection: HTTPConnection) -> Service:
        return service(_components(connection))

    return Depends(make)


class Authenticated(SecurityBase):
    """Requires an access token of a session that has not ended. Documents the bearer scheme in OpenAPI."""

    scheme_name = "bearer"
    model = HTTPBearer(bearerFormat="JWT")

    async def __call__(self, connection: HTTPConnection) -> Caller:
        token = _bearer_token(connection)
        if token is None:
            raise NotAuthenticated
        return await AuthService(_components(connection)).authenticate(token)


def require(rule: Callable[[Caller], bool], error: type[AppError] = Forbidden) -> Any:
    """A caller for whom the rule holds. `Admin` shows its use; write rules of your own like it."""

    async def check(caller: CurrentUser) -> Caller:
        if not rule(caller):
            raise error
        return caller

    return Depends(check)


async def _client(connection: HTTPConnection) -> Client:
    host = connection.client.host if connection.client else ""
    return Client.create(host, connection.headers.get("user-agent"))


def _components(connection: HTTPConnection) -> Components:
    components: Components = connection.app.state.components
    return components


def _bearer_token(connection: HTTPConnection) -> str | None:
    """The token; None without one, and an invalid token if the header is malformed or there are several."""
    headers = connection.headers.getlist("authorization")
    if not any(ANY_BEARER.match(value) for value in headers):
        return None
    match = BEARER.fullmatch(headers[0])
    return match["token"] if match and len(headers) == 1 else ""


async def _presented_token(connection: HTTPConnection) -> str | None:
    return _bearer_token(connection)


async def _public() -> None:
    pass


_authenticated = Depends(Authenticated())

# Who sends the request. `SignedIn` is for routes that need authentication but not the user.
CurrentUser = Annotated[Caller, _authenticated]
SignedIn = _authenticated
Admin = Annotated[Caller, require(lambda caller: caller.is_admin)]
VerifiedUser = Annotated[Caller, require(lambda caller: caller.is_verified, EmailNotVerified)]
# A route that needs no token. A test fails for routes that declare neither this nor authentication.
Public = Depends(_public)
CurrentClient = Annotated[Client, Depends(_client)]
PresentedToken = Annotated[str | None, Depends(_presented_token)]
Paging = Annotated[PageQuery, Query()]
# Lists, because a client may split a header over several lines (RFC 9110 §5.3). Generators of clients need a string.
_EntityTags = Annotated[list[str] | None, WithJsonSchema({"type": "string"})]
IfMatch = Annotated[_EntityTags, Header(description="Change the resource only if it still has this `ETag`.")]
IfNoneMatch = Annotated[_EntityTags, Header(description="The `ETag` of your copy: 304 if it is current.")]
