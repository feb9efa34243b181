"""What all schemas share, and named types, so that each constraint is written once."""

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from unicodedata import normalize
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.core.security.password_policy import MAX_LENGTH as MAX_PASSWORD
from app.core.security.password_policy import SHORTEST as SHORTEST_PASSWORD
from app.models.users import MAX_EMAIL, MAX_NAME

# No C0 control characters. Texts of several lines may contain tab and line feed.
NO_CONTROLS = r"^[^\x00-\x1f]*$"
NO_CONTROLS_BUT_WHITESPACE = r"^[^\x00-\x08\x0b-\x1f]*$"

# Fewer are each named in the response.
MAX_UNKNOWN = 50
UUID_CHARACTERS = re.compile(r"[0-9A-Fa-f-]*")


class Input(BaseModel):
    """What a client sends. Unknown members are refused, so that a typo is not ignored; so are NaN and infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_many_members(cls, data: Any) -> Any:
        """Otherwise each unknown member of a large body would become an error, which blocks the process."""
        forbidden = cls.model_config["extra"] == "forbid"
        if forbidden and isinstance(data, dict) and len(data) > len(cls.model_fields) + MAX_UNKNOWN:
            raise PydanticCustomError("too_many_members", "Too many members are unknown.")
        return data


class Output(BaseModel):
    """What a client gets, read from the attributes of an entity or a row."""

    model_config = ConfigDict(from_attributes=True)


def _email(value: str) -> str:
    """The canonical form of an address: lower case, domain in IDNA. ASCII only, so that all databases agree on case."""
    try:
        found = validate_email(
            value, check_deliverability=False, allow_smtputf8=False, strict=True, test_environment=True
        )
    except EmailNotValidError as error:
        raise PydanticCustomError("email_invalid", "This is not a valid e-mail address.") from error
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
    """The fixed limits. `PasswordPolicy` checks the configured rules."""
    if len(value) < SHORTEST_PASSWORD:
        # The configured minimum is higher or the same.
        message = "Use at least {minimum} characters. More may be required."
        raise PydanticCustomError("password_too_short", message, {"minimum": SHORTEST_PASSWORD})
    if len(value) > MAX_PASSWORD:
        raise PydanticCustomError("password_too_long", "Use at most {maximum} characters.", {"maximum": MAX_PASSWORD})
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("datetime_out_of_range", "This time is out of range.") from None


def _plain_uuid(value: object) -> object:
    if isinstance(value, str) and not UUID_CHARACTERS.fullmatch(value):
        raise PydanticCustomError("uuid_parsing", "This is not a UUID.")
    return value


def places(count: int) -> AfterValidator:
    """Give a decimal this number of places, so that a response shows it as the database does."""
    return AfterValidator(lambda value: value.quantize(Decimal(1).scaleb(-count)) + 0)


def _storable_json(value: dict[str, Any]) -> dict[str, Any]:
    if not _is_storable(value):
        raise PydanticCustomError("json_not_storable", "This JSON contains NUL, or a number that is too large.")
    return value


def _is_storable(value: Any) -> bool:
    """Databases refuse NUL in texts, and infinity, as which Python reads too large a number."""
    match value:
        case dict():
            return all(_is_storable(part) for pair in value.items() for part in pair)
        case list():
            return all(_is_storable(part) for part in value)
        case str():
            return "\x00" not in value
        case float():
            return math.isfinite(value)
        case _:
            return True


# Also in upper case and without dashes. Pydantic alone would accept URNs and braces, too.
PublicId = Annotated[UUID, BeforeValidator(_plain_uuid)]
# Documentation pages fill in the examples. Without them, they would make a text from the pattern.
Line = Annotated[str, StringConstraints(pattern=NO_CONTROLS), Field(examples=["text"])]
# Pydantic trims before it checks the pattern, and would remove control characters at both ends.
BeforeTrimming = BeforeValidator(_refuse_controls)
Text = Annotated[str, StringConstraints(pattern=NO_CONTROLS_BUT_WHITESPACE), Field(examples=["text"])]
Name = Annotated[
    Line,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME),
    Field(examples=["Ada"]),
    BeforeTrimming,
]
Email = Annotated[
    Line,
    Field(max_length=MAX_EMAIL, examples=["ada@example.com"], json_schema_extra={"format": "email"}),
    AfterValidator(_email),
]
# Four times the limit, because normalization may join several code points into one.
Password = Annotated[
    Line,
    Field(max_length=4 * MAX_PASSWORD, examples=["three quiet lamps by a river"]),
    AfterValidator(_password),
]
NewPassword = Annotated[Password, AfterValidator(_new_password)]
Token = Annotated[Line, Field(max_length=4096, examples=["the token from the last response"])]
# A time with an offset, and an integer that every database can store. Use them for fields of your own.
Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Integer = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_storable_json)]
