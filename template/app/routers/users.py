"""Accounts."""

from typing import Annotated

from fastapi import Response

from app.core.dependencies import CurrentClient, CurrentUser, provided
from app.core.exceptions import NotFound, TooManyRequests
from app.core.responses import raises
from app.core.routing import api_router
from app.core.security.password_policy import PasswordTooWeak
from app.schemas.auth import ChangePassword, Tokens
from app.schemas.base import PublicId
from app.schemas.users import OwnUser, PublicUser, UserUpdate
from app.services.passwords import PasswordService, PasswordUnchanged, WrongPassword
from app.services.users import ReauthenticationRequired, UserService

router = api_router("users")

Passwords = Annotated[PasswordService, provided(PasswordService)]
Users = Annotated[UserService, provided(UserService)]


@router.get("/me", response_model=OwnUser)
async def read_me(caller: CurrentUser) -> object:
    """Show your account."""
    return caller


@router.patch("/me", response_model=OwnUser)
async def update_me(data: UserUpdate, caller: CurrentUser, users: Users) -> object:
    """Change your names."""
    return await users.update(caller, data)


@router.delete("/me", status_code=204, responses=raises(ReauthenticationRequired))
async def delete_me(caller: CurrentUser, users: Users) -> None:
    """Delete your account and all that belongs to it. Needs a recent confirmation of your password."""
    await users.delete(caller)


@router.post(
    "/me/change-password",
    response_model=Tokens,
    responses=raises(WrongPassword, PasswordTooWeak, PasswordUnchanged, TooManyRequests),
)
async def change_password(
    data: ChangePassword, caller: CurrentUser, client: CurrentClient, passwords: Passwords, response: Response
) -> object:
    """Replace your password. Every session ends, and a new one begins here."""
    response.headers["Pragma"] = "no-cache"
    return await passwords.change(caller, data, client)


@router.get("/{public_id}", response_model=PublicUser, responses=raises(NotFound))
async def read_user(public_id: PublicId, caller: CurrentUser, users: Users) -> object:  # noqa: ARG001  whoever is signed in
    """Show somebody."""
    return await users.visible(public_id)
