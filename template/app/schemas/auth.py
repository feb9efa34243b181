"""Sign-up, sign-in and tokens."""

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
    """The session to end. Without a refresh token it is that of the bearer token."""

    refresh_token: Line | None = None


class Reauthenticate(Input):
    """The caller's password."""

    password: Password


class ChangePassword(Input):
    """The current and the new password."""

    current_password: Password
    new_password: NewPassword


class Tokens(Output):
    """A pair of tokens. Lifetimes are in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int
    refresh_token: str
    refresh_expires_in: int


class RevokedSessions(Output):
    """How many sessions ended."""

    revoked_sessions: int
