"""Read fields from the command line.

`python scripts/new_resource.py --help` explains how they are written.
"""

import keyword
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import BaseModel

from app.db.base import Base
from scripts.resource import Refused
from scripts.resource.names import MAX_NAME, SNAKE, camel

SPECIFICATION = re.compile(
    r"(?P<name>[^:=?]+):(?P<kind>[a-z0-9_]+(?:\|[a-z0-9_]+)*)(?:\((?P<arguments>[^()]*)\))?(?P<optional>\?)?"
    r"(?P<options>(?::[a-z_]+)*)(?:=(?P<default>.*))?",
    re.DOTALL,
)
SPELLING = "write it as NAME:TYPE, for example 'reference:str(40):unique' or 'note:text?'"
PLAIN = {"int", "bool", "date", "datetime", "uuid", "json"}
EXAMPLES = {"str": "str(40)", "text": "text", "decimal": "decimal(10,2)", "ref": "ref(users)"}
EXAMPLES |= {"enum": "draft|paid|shipped", **{kind: kind for kind in PLAIN}}
TYPES = "str(40), text, int, decimal(10,2), bool, date, datetime, uuid, json, draft|paid|shipped and ref(users)"

MAX_TEXT = 10_000
MAX_LONG_TEXT = 1_000_000
MAX_STRING = 10_000
# An index stores at most about 2,700 bytes of a value, and a character may take four of them.
MAX_INDEXED = 600
# Shorter texts are codes, in which nobody looks for a part.
MIN_SEARCHED = 20
# So that numbered samples fit.
MIN_UNIQUE = 8
MAX_DIGITS = 18
MAX_MEMBER = 64
LARGEST_INTEGER = 2**63 - 1

OPTIONS = {"unique", "unique_for_owner", "index"}
COMPARABLE = {"str", "int", "date", "uuid", "ref"}
INDEXABLE = COMPARABLE | {"decimal", "datetime", "bool", "enum"}
WITHOUT_DEFAULT = {"date", "uuid", "json", "ref"}

# Columns and relations that each resource has, names that its classes use, and what their base classes have.
RESERVED = {
    *("id", "public_id", "owner", "owner_id", "created_at", "updated_at", "version", "search_text"),
    *("bool", "date", "datetime", "dict", "int", "mapped_column", "property", "relationship", "self", "str", "utc_now"),
    *dir(BaseModel),
    *dir(Base),
}
# Columns that some databases add to each table.
SYSTEM_COLUMNS = {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"}


@dataclass(frozen=True)
class Target:
    """What a reference refers to."""

    table: str
    class_name: str
    module: str
    singular: str
    owned: bool
    # `add_order` of tests/factories, if there is one.
    factory: str | None
    factory_takes_owner: bool


@dataclass(frozen=True)
class Field:
    """One field. The templates read these attributes."""

    name: str
    kind: str
    optional: bool = False
    unique: str = ""
    index: bool = False
    default: str | None = None
    max_length: int = 0
    digits: int = 0
    decimals: int = 0
    members: tuple[str, ...] = ()
    target: Target | None = None
    resource: str = ""

    @property
    def member(self) -> str:
        """Its name in requests and responses, and of its column."""
        return f"{self.name}_id" if self.kind == "ref" else self.name

    @property
    def attributes(self) -> set[str]:
        """The attributes of the model that belong to it."""
        return {self.name, self.member, f"{self.name}_public_id"} if self.kind == "ref" else {self.name}

    @property
    def required(self) -> bool:
        return not self.optional and self.default is None

    @property
    def words(self) -> str:
        return self.name.replace("_", " ")

    @property
    def label(self) -> str:
        return self.words.capitalize()

    @property
    def maximum(self) -> str:
        """The constant of its length."""
        return f"MAX_{self.name.upper()}"

    @property
    def type_name(self) -> str:
        """The name of its enum or of its constrained type."""
        return f"{camel(self.resource)}{camel(self.name)}"

    @property
    def taken(self) -> str:
        """The error if a value of a unique field exists."""
        return f"{camel(self.name)}Taken"

    @property
    def unknown(self) -> str:
        """The error if a reference refers to nothing."""
        return f"Unknown{camel(self.name)}"

    @property
    def searched(self) -> bool:
        return self.kind == "text" or (self.kind == "str" and self.max_length >= MIN_SEARCHED)


def parse(specifications: Collection[str], resource: str, targets: dict[str, Target], *, owned: bool) -> list[Field]:
    """The fields of a resource.

    Raises:
        Refused: for the first one that is not valid.
    """
    fields = [_parse(text, resource, targets, owned=owned) for text in specifications]
    names = [name for found in fields for name in found.attributes]
    if duplicates := sorted({name for name in names if names.count(name) > 1}):
        raise Refused(f"The field {duplicates[0]} is there twice.")
    if all(found.kind == "ref" for found in fields):
        raise Refused("A resource needs a field that is not a reference.")
    return fields


def _parse(text: str, resource: str, targets: dict[str, Target], *, owned: bool) -> Field:
    match = SPECIFICATION.fullmatch(text)
    if match is None:
        raise Refused(f"The field {text!r} cannot be read: {SPELLING}.")
    kind = "enum" if "|" in match["kind"] else match["kind"]
    name = match["name"].removesuffix("_id") if kind == "ref" else match["name"]
    _check_name(name)
    details = _details(name, kind, match["kind"], match["arguments"], targets)
    chosen = _options(name, kind, match["options"], details, owned=owned)
    found = Field(name, kind, bool(match["optional"]), resource=resource, **details, **chosen)
    return found if match["default"] is None else _with_default(found, match["default"])


def _check_name(name: str) -> None:
    if not SNAKE.fullmatch(name):
        raise Refused(f"{name!r} is no name of a field: use lower case letters, digits and single underscores.")
    if len(name) > MAX_NAME:
        raise Refused(f"{name} has more than {MAX_NAME} characters: choose a shorter name.")
    if keyword.iskeyword(name):
        raise Refused(f"{name} is a word of Python: choose another name for the field.")
    if name in SYSTEM_COLUMNS:
        raise Refused(f"{name} is a column that some databases add to each table: choose another name for the field.")
    if name in RESERVED or f"{name}_id" in RESERVED or name.startswith("model_"):
        raise Refused(f"{name} is a name that each resource uses already: choose another name for the field.")


def _details(name: str, kind: str, written: str, arguments: str | None, targets: dict[str, Target]) -> dict[str, Any]:
    """What the arguments of the type say."""
    given = [part.strip() for part in (arguments or "").split(",")] if arguments is not None else []
    match kind, given:
        case "str", [number]:
            return {"max_length": _number(name, number, 1, MAX_STRING)}
        case "text", [] | [_]:
            return {"max_length": _number(name, given[0], 1, MAX_LONG_TEXT) if given else MAX_TEXT}
        case "decimal", [precision, scale]:
            digits = _number(name, precision, 1, MAX_DIGITS)
            return {"digits": digits, "decimals": _number(name, scale, 0, digits)}
        case "enum", []:
            return {"members": _members(name, written.split("|"))}
        case "ref", [table]:
            return {"target": _target(name, table, targets)}
        case _, [] if kind in PLAIN:
            return {}
        case _ if kind in EXAMPLES:
            raise Refused(f"{name}: write the type as in {name}:{EXAMPLES[kind]}.")
        case _:
            raise Refused(f"{name}: there is no type {written}; there are {TYPES}.")


def _target(name: str, table: str, targets: dict[str, Target]) -> Target:
    if table not in targets:
        raise Refused(f"{name}: there is no resource {table!r}; there are {', '.join(sorted(targets))}.")
    return targets[table]


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise Refused(f"{name}: {text or 'the argument'} must be a number from {least} to {most}.")
    return int(text)


def _members(name: str, members: list[str]) -> tuple[str, ...]:
    for member in members:
        if not SNAKE.fullmatch(member) or len(member) > MAX_MEMBER:
            raise Refused(f"{name}: {member!r} cannot be a value: use lower case letters, digits and underscores.")
    if len(set(members)) < len(members):
        raise Refused(f"{name}: a value is there twice.")
    return tuple(members)


def _options(name: str, kind: str, written: str, details: dict[str, Any], *, owned: bool) -> dict[str, Any]:
    options = set(filter(None, written.split(":")))
    if unknown := sorted(options - OPTIONS):
        raise Refused(f"{name}: there is no option {unknown[0]}; there are unique, unique_for_owner and index.")
    if len(options) > 1:
        raise Refused(f"{name}: choose one of {', '.join(sorted(options))}; a unique field has an index already.")
    option = next(iter(options), "")
    if option == "unique_for_owner" and not owned:
        raise Refused(f"{name}: a shared resource has no owner; use unique.")
    if option.startswith("unique") and kind not in COMPARABLE:
        raise Refused(f"{name}: only fields of type str, int, date, uuid and ref can be unique.")
    if option == "index" and kind not in INDEXABLE:
        raise Refused(f"{name}: a field of type {kind} cannot have an index.")
    length = details.get("max_length", 0)
    if option and kind == "str":
        if length > MAX_INDEXED:
            raise Refused(f"{name}: with {option}, the maximum can be at most {MAX_INDEXED}.")
        if option != "index" and length < MIN_UNIQUE:
            raise Refused(f"{name}: with {option}, the maximum must be at least {MIN_UNIQUE}.")
    unique = {"unique": "all", "unique_for_owner": "owner"}.get(option, "")
    # Deleting what is referred to has to find the rows that refer to it.
    return {"unique": unique, "index": option == "index" or (kind == "ref" and unique != "all")}


def _with_default(found: Field, written: str) -> Field:
    if found.kind in WITHOUT_DEFAULT:
        raise Refused(f"{found.name}: a field of type {found.kind} cannot have a default.")
    if found.unique:
        raise Refused(f"{found.name}: a unique field cannot have a default.")
    return replace(found, default=_default(found, written))


def _default(found: Field, written: str) -> str:
    """The default as Python code."""
    code = {"true": "True", "false": "False"}.get(written) if found.kind == "bool" else None
    match found.kind:
        case "enum" if written in found.members:
            code = f"{found.type_name}.{written.upper()}"
        case "int" if re.fullmatch(r"-?\d{1,19}", written) and abs(int(written)) <= LARGEST_INTEGER:
            code = str(int(written))
        case "decimal" if (decimal := _decimal(found, written)) is not None:
            code = f'Decimal("{decimal}")'
        case "datetime" if written == "now":
            code = "utc_now"
        case "str" | "text" if written == written.strip() and 0 < len(written) <= found.max_length:
            code = repr(written) if written.isprintable() else None
        case _:
            pass
    if code is None:
        hint = "; the only default is now" if found.kind == "datetime" else ""
        raise Refused(f"{found.name}: {written!r} cannot be its default{hint}.")
    return code


def _decimal(found: Field, written: str) -> Decimal | None:
    try:
        decimal = Decimal(written).quantize(Decimal(1).scaleb(-found.decimals))
    except InvalidOperation:
        return None
    exact = decimal == Decimal(written)
    return decimal if exact and len(decimal.as_tuple().digits) <= found.digits else None
