"""Sign up, sign in, stay signed in, sign out."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Request, Response
from starlette.datastructures import MutableHeaders

from app.core.dependencies import CurrentClient, CurrentUser, Paging, PresentedToken, Public, provided
from app.core.exceptions import EmailTaken, NotAuthenticated, NotFound, TooManyRequests
from app.core.mail import MailUnavailable
from app.core.pagination import Slice
from app.core.responses import local_url, raises
from app.core.routing import api_router
from app.core.security.action_tokens import InvalidActionToken
from app.core.security.password_policy import PasswordTooWeak
from app.schemas.auth import Login, Logout, Reauthenticate, Refresh, Register, RevokedSessions, Tokens
from app.schemas.emails import Accepted, ActionToken, ForgottenPassword, PasswordReset
from app.schemas.pages import Page
from app.schemas.sessions import OwnSession
from app.services.auth import (
    AuthService,
    InvalidCredentials,
    InvalidRefreshToken,
    RefreshTokenReused,
    WrongPassword,
)
from app.services.emails import EmailAlreadyVerified, EmailService
from app.services.sessions import SessionService

router = api_router("auth")

Auth = Annotated[AuthService, provided(AuthService)]
Sessions = Annotated[SessionService, provided(SessionService)]
Emails = Annotated[EmailService, provided(EmailService)]

NO_TOKEN = Logout()


@router.post(
    "/register",
    status_code=201,
    dependencies=[Public],
    responses=raises(EmailTaken, PasswordTooWeak, TooManyRequests),
)
async def register(data: Register, client: CurrentClient, auth: Auth, request: Request, response: Response) -> Tokens:
    """Create an account and sign in."""
    response.headers["Location"] = local_url(request, "/api/v1/users/me")
    no_cache(response.headers)
    return await auth.register(data, client)


@router.post("/login", dependencies=[Public], responses=raises(InvalidCredentials, TooManyRequests))
async def login(data: Login, client: CurrentClient, auth: Auth, response: Response) -> Tokens:
    """Sign in. An unknown address and a wrong password get the same response."""
    no_cache(response.headers)
    return await auth.login(data, client)


@router.post(
    "/refresh",
    dependencies=[Public],
    responses=raises(InvalidRefreshToken, RefreshTokenReused, TooManyRequests),
)
async def refresh(data: Refresh, client: CurrentClient, auth: Auth, response: Response) -> Tokens:
    """Exchange a refresh token for a new pair.

    Reusing a refresh token ends the session, except within a short grace period.
    """
    no_cache(response.headers)
    return await auth.refresh(data, client)


@router.post("/logout", status_code=204, dependencies=[Public], responses=raises(NotAuthenticated))
async def logout(auth: Auth, bearer: PresentedToken, data: Annotated[Logout, Body()] = NO_TOKEN) -> None:
    """End the session of the refresh token, of the bearer token, or of both."""
    await auth.logout(data, bearer)


@router.post("/logout-all")
async def logout_all(caller: CurrentUser, sessions: Sessions) -> RevokedSessions:
    """End all of your sessions, including this one."""
    return await sessions.end_all(caller)


@router.get("/sessions", response_model=Page[OwnSession])
async def list_sessions(caller: CurrentUser, query: Paging, sessions: Sessions) -> Slice:
    """List the devices on which you are signed in."""
    return await sessions.mine(caller, query)


@router.delete("/sessions/{public_id:uuid}", status_code=204, responses=raises(NotFound))
async def end_session(public_id: UUID, caller: CurrentUser, sessions: Sessions) -> None:
    """Sign out one device."""
    await sessions.end(caller, public_id)


@router.post("/reauthenticate", status_code=204, responses=raises(WrongPassword, TooManyRequests))
async def reauthenticate(data: Reauthenticate, caller: CurrentUser, auth: Auth) -> None:
    """Confirm your password. Some operations need a recent confirmation."""
    await auth.reauthenticate(caller, data)


@router.post(
    "/email/verify",
    status_code=204,
    dependencies=[Public],
    responses=raises(InvalidActionToken, MailUnavailable),
)
async def verify_email(data: ActionToken, emails: Emails) -> None:
    """Confirm your e-mail address with the token of the link that you got by mail."""
    await emails.verify(data)


@router.post(
    "/email/verify/resend",
    status_code=202,
    responses=raises(EmailAlreadyVerified, TooManyRequests, MailUnavailable),
)
async def resend_verification(caller: CurrentUser, emails: Emails) -> Accepted:
    """Get that mail again."""
    await emails.resend(caller)
    return Accepted()


@router.post(
    "/email/change",
    status_code=204,
    dependencies=[Public],
    responses=raises(InvalidActionToken, EmailTaken, MailUnavailable),
)
async def change_email(data: ActionToken, emails: Emails) -> None:
    """Change your e-mail address with the token of the link that you got at the new one. Your sessions stay."""
    await emails.change(data)


@router.post(
    "/password/forgot",
    status_code=202,
    dependencies=[Public],
    responses=raises(TooManyRequests, MailUnavailable),
)
async def forgot_password(data: ForgottenPassword, client: CurrentClient, emails: Emails) -> Accepted:
    """Get a link to choose a new password. The response is the same whether there is an account or not."""
    await emails.forgot(data, client)
    return Accepted()


@router.post(
    "/password/reset",
    status_code=204,
    dependencies=[Public],
    responses=raises(InvalidActionToken, PasswordTooWeak, TooManyRequests, MailUnavailable),
)
async def reset_password(data: PasswordReset, emails: Emails) -> None:
    """Choose a new password with the token of the link that you got by mail. Every session ends."""
    await emails.reset(data)


def no_cache(headers: MutableHeaders) -> None:
    """RFC 6749 §5.1, for caches that do not know Cache-Control."""
    headers["Pragma"] = "no-cache"
