"""Signing in, staying signed in, signing out."""

from typing import Annotated

from fastapi import Body, Response

from app.core.dependencies import CurrentClient, CurrentUser, Paging, PresentedToken, Public, provided
from app.core.exceptions import InvalidInput, NotAuthenticated, NotFound, TooManyRequests
from app.core.responses import raises
from app.core.routing import api_router
from app.core.security.password_policy import PasswordTooWeak
from app.schemas.auth import Login, Logout, Reauthenticate, Refresh, Register, RevokedSessions, Tokens
from app.schemas.base import PublicId
from app.schemas.pages import Page
from app.schemas.sessions import OwnSession
from app.services.auth import AuthService, InvalidCredentials
from app.services.passwords import PasswordService, WrongPassword
from app.services.sessions import SessionService
from app.services.tokens import InvalidRefreshToken, RefreshTokenReused, TokenService
from app.services.users import EmailTaken, UserService

router = api_router("auth")

Auth = Annotated[AuthService, provided(AuthService)]
Passwords = Annotated[PasswordService, provided(PasswordService)]
Sessions = Annotated[SessionService, provided(SessionService)]
TokenRotation = Annotated[TokenService, provided(TokenService)]
Users = Annotated[UserService, provided(UserService)]

# RFC 6749 §5.1, for caches that know no Cache-Control.
NO_CACHE = {"Pragma": "no-cache"}
NOTHING_SAID = Logout()


@router.post(
    "/register",
    status_code=201,
    response_model=Tokens,
    dependencies=[Public],
    responses=raises(EmailTaken, PasswordTooWeak, TooManyRequests),
)
async def register(data: Register, client: CurrentClient, users: Users, response: Response) -> object:
    """Create an account and sign in."""
    response.headers.update({"Location": "/api/v1/users/me", **NO_CACHE})
    return await users.register(data, client)


@router.post(
    "/login", response_model=Tokens, dependencies=[Public], responses=raises(InvalidCredentials, TooManyRequests)
)
async def login(data: Login, client: CurrentClient, auth: Auth, response: Response) -> object:
    """Sign in. The answer to a wrong address is that to a wrong password."""
    response.headers.update(NO_CACHE)
    return await auth.login(data, client)


@router.post(
    "/refresh",
    response_model=Tokens,
    dependencies=[Public],
    responses=raises(InvalidRefreshToken, RefreshTokenReused, TooManyRequests),
)
async def refresh(data: Refresh, client: CurrentClient, tokens: TokenRotation, response: Response) -> object:
    """Redeem a refresh token for a new pair. One that was redeemed before ends the session, but for some seconds."""
    response.headers.update(NO_CACHE)
    return await tokens.refresh(data, client)


@router.post("/logout", status_code=204, dependencies=[Public], responses=raises(NotAuthenticated))
async def logout(sessions: Sessions, bearer: PresentedToken, data: Annotated[Logout, Body()] = NOTHING_SAID) -> None:
    """End the session of the refresh token, of the bearer token, or of both."""
    await sessions.logout(data, bearer)


@router.post("/logout-all", response_model=RevokedSessions)
async def logout_all(caller: CurrentUser, sessions: Sessions) -> object:
    """End all of your sessions, this one too."""
    return await sessions.logout_everywhere(caller)


@router.get("/sessions", response_model=Page[OwnSession], responses=raises(InvalidInput))
async def list_sessions(caller: CurrentUser, query: Paging, sessions: Sessions) -> object:
    """List the devices on which you are signed in."""
    return await sessions.mine(caller, query)


@router.delete("/sessions/{public_id}", status_code=204, responses=raises(NotFound))
async def end_session(public_id: PublicId, caller: CurrentUser, sessions: Sessions) -> None:
    """Sign one device out."""
    await sessions.end(caller, public_id)


@router.post("/reauthenticate", status_code=204, responses=raises(WrongPassword, TooManyRequests))
async def reauthenticate(data: Reauthenticate, caller: CurrentUser, passwords: Passwords) -> None:
    """Confirm your password, for what needs a recent confirmation."""
    await passwords.reauthenticate(caller, data)
