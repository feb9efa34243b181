"""Accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.core.dependencies import CurrentClient, CurrentUser, SignedIn, provided
from app.core.exceptions import LastAdmin, NotFound, ReauthenticationRequired, TooManyRequests
from app.core.mail import MailUnavailable
from app.core.responses import raises
from app.core.routing import api_router
from app.core.security.password_policy import PasswordTooWeak
from app.models.users import User
from app.schemas.auth import ChangePassword, Tokens
from app.schemas.emails import Accepted, ChangeEmail
from app.schemas.users import OwnUser, PublicUser, UserUpdate
from app.services.auth import AuthService, EmailUnchanged, PasswordUnchanged, WrongPassword
from app.services.users import UserService

router = api_router("users")

Auth = Annotated[AuthService, provided(AuthService)]
Users = Annotated[UserService, provided(UserService)]


@router.get("/me", response_model=OwnUser)
async def read_me(caller: CurrentUser) -> User:
    """Show your account."""
    return caller.user


@router.patch("/me", response_model=OwnUser)
async def update_me(data: UserUpdate, caller: CurrentUser, users: Users) -> User:
    """Change your name."""
    return await users.update(caller, data)


@router.delete("/me", status_code=204, responses=raises(ReauthenticationRequired, LastAdmin))
async def delete_me(caller: CurrentUser, users: Users) -> None:
    """Delete your account and everything that belongs to it. Needs a recent confirmation of your password."""
    await users.delete(caller)


@router.post(
    "/me/change-password",
    responses=raises(WrongPassword, PasswordTooWeak, PasswordUnchanged, TooManyRequests),
)
async def change_password(
    data: ChangePassword, caller: CurrentUser, client: CurrentClient, auth: Auth, response: Response
) -> Tokens:
    """Replace your password. Every session ends, and a new one begins here."""
    response.headers["Pragma"] = "no-cache"
    return await auth.change_password(caller, data, client)


@router.post(
    "/me/change-email",
    status_code=202,
    responses=raises(WrongPassword, EmailUnchanged, TooManyRequests, MailUnavailable),
)
async def change_email(data: ChangeEmail, caller: CurrentUser, auth: Auth) -> Accepted:
    """Get a link at your new e-mail address; the address changes when you use it.

    The response is the same whether the address is free or not.
    """
    await auth.change_email(caller, data)
    return Accepted()


@router.get("/{public_id:uuid}", response_model=PublicUser, dependencies=[SignedIn], responses=raises(NotFound))
async def read_user(public_id: UUID, users: Users) -> User:
    """Show a user."""
    return await users.visible(public_id)
