"""What all schemas share, and the named types that write each constraint once."""

import re
from typing import Annotated
from unicodedata import normalize
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.core import context
from app.core.security.password_policy import MAX_LENGTH as MAX_PASSWORD
from app.models.users import MAX_EMAIL, MAX_NAME

# No C0 control character; in texts of several lines, tab and line feed are welcome.
NO_CONTROLS = r"^[^\x00-\x1f]*$"
NO_CONTROLS_BUT_WHITESPACE = r"^[^\x00-\x08\x0b-\x1f]*$"

UUID_CHARACTERS = re.compile(r"[0-9A-Fa-f-]*")


class Input(BaseModel):
    """What a client sends. Unknown members are refused: a typo must not pass for a change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(BaseModel):
    """What a client gets, read from the attributes of a model."""

    model_config = ConfigDict(from_attributes=True)


def _email(value: str) -> str:
    """The one spelling of an address: lower case, domain in IDNA. ASCII, where every database agrees on case."""
    try:
        found = validate_email(
            value, check_deliverability=False, allow_smtputf8=False, strict=True, test_environment=True
        )
    except EmailNotValidError as error:
        raise PydanticCustomError("email_invalid", "This is not an e-mail address that can sign up.") from error
    email = f"{found.ascii_local_part}@{found.ascii_domain}".lower()
    if len(email) > MAX_EMAIL:
        raise PydanticCustomError("email_invalid", "This e-mail address is too long.")
    return email


def _refuse_controls(value: object) -> object:
    if isinstance(value, str) and any(char < " " for char in value):
        raise PydanticCustomError("string_pattern_mismatch", "Control characters are not allowed.")
    return value


def _password(value: str) -> str:
    return normalize("NFC", value)


def _new_password(value: str) -> str:
    minimum = context.password_min_length.get()
    if len(value) < minimum:
        raise PydanticCustomError("password_too_short", "Use at least {minimum} characters.", {"minimum": minimum})
    if len(value) > MAX_PASSWORD:
        raise PydanticCustomError("password_too_long", "Use at most {maximum} characters.", {"maximum": MAX_PASSWORD})
    return value


def _spelled_as_ours(value: object) -> object:
    if isinstance(value, str) and not UUID_CHARACTERS.fullmatch(value):
        raise PydanticCustomError("uuid_parsing", "This is not a UUID.")
    return value


# In capitals and without dashes too; Pydantic alone would take URNs and braces.
PublicId = Annotated[UUID, BeforeValidator(_spelled_as_ours)]
Line = Annotated[str, StringConstraints(pattern=NO_CONTROLS)]
# Trimming comes before patterns, and would take control characters at the edges with it.
BeforeTrimming = BeforeValidator(_refuse_controls)
Text = Annotated[str, StringConstraints(pattern=NO_CONTROLS_BUT_WHITESPACE)]
Name = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME), BeforeTrimming]
Email = Annotated[
    Line,
    Field(max_length=MAX_EMAIL, examples=["ada@example.com"], json_schema_extra={"format": "email"}),
    AfterValidator(_email),
]
# Four times the limit: what is composed of several code points may shrink when it is normalised.
Password = Annotated[Line, Field(max_length=4 * MAX_PASSWORD), AfterValidator(_password)]
NewPassword = Annotated[Password, AfterValidator(_new_password)]
Token = Annotated[Line, Field(max_length=4096)]
