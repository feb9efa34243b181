"""Search for a part of a text. It works the same on every database."""

import re
from typing import Any
from unicodedata import normalize

from sqlalchemy import ColumnElement, String, bindparam

ESCAPE = "/"
WILDCARD = re.compile("[%_/]")

# The pattern is sent as a literal, quoted by SQLAlchemy. With a parameter the database would use one plan for all
# texts, which reads the whole table for a rare one, although an index could find it.
_PATTERN = bindparam("pattern", type_=String, literal_execute=True)


def searchable(text: str) -> str:
    """The form in which texts are compared: databases fold case and treat accents differently.

    Composed again at the end, because case folding decomposes some letters.
    """
    return normalize("NFC", normalize("NFC", text).casefold())


def contains_pattern(column: Any) -> ColumnElement[bool]:
    """Whether a column of searchable text matches the parameter `pattern`."""
    matches: ColumnElement[bool] = column.like(_PATTERN, escape=ESCAPE)
    return matches


def pattern_of(text: str) -> str:
    """The pattern of texts that contain this one. The text has no wildcards."""
    return "%" + WILDCARD.sub(rf"{ESCAPE}\g<0>", searchable(text)) + "%"
