"""Links that are sent by mail."""

from typing import Literal

from app.schemas.base import Email, Input, NewPassword, Output, Password, Token


class ActionToken(Input):
    """The token of a link: what follows `#token=`."""

    token: Token


class ForgottenPassword(Input):
    """The address of an account."""

    email: Email


class PasswordReset(ActionToken):
    """The token of a link, and the new password."""

    new_password: NewPassword


class ChangeEmail(Input):
    """The new address, and the caller's password."""

    new_email: Email
    password: Password


class Accepted(Output):
    """A mail will be sent if one has to be. The response is always the same."""

    status: Literal["accepted"] = "accepted"
