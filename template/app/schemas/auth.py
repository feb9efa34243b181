"""Signing in and staying signed in."""

from typing import Literal

from app.schemas.base import Email, Input, Line, Name, NewPassword, Output, Password, Token


class Register(Input):
    """A new account."""

    email: Email
    first_name: Name
    last_name: Name
    password: NewPassword


class Login(Input):
    """The credentials of an account."""

    email: Email
    password: Password


class Refresh(Input):
    """A refresh token."""

    refresh_token: Token


class Logout(Input):
    """Which session to end; the bearer token's own if nothing is said."""

    refresh_token: Line | None = None


class Reauthenticate(Input):
    """The password once more."""

    password: Password


class ChangePassword(Input):
    """The old and the new password."""

    current_password: Password
    new_password: NewPassword


class Tokens(Output):
    """A pair of tokens; life times in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  RFC 6749's name of the scheme
    expires_in: int
    refresh_token: str
    refresh_expires_in: int


class RevokedSessions(Output):
    """How many sessions ended."""

    revoked_sessions: int
