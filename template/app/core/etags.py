"""Entity tags and preconditions (RFC 9110 §8.8.3, §13.1), against lost updates."""

import re
from collections.abc import Sequence

from app.core.exceptions import AppError, NotModified

ANY = "*"
ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
WEAK = "W/"


class PreconditionFailed(AppError):
    """Somebody else changed the resource since the client read it."""

    status = 412
    code = "precondition_failed"
    detail = "This was changed since you read it. Read it again."


def etag(version: int) -> str:
    """A strong tag: each change gives a new version."""
    return f'"{version}"'


def require_match(if_match: Sequence[str] | None, current: str) -> None:
    """Strong comparison: a weak tag does not guarantee that every byte is the same.

    Raises:
        PreconditionFailed: unless `If-Match` is absent, `*`, or contains the current tag.
    """
    if if_match is not None and not _contains(if_match, current, _tags(if_match)):
        raise PreconditionFailed


def require_none_match(if_none_match: Sequence[str] | None, current: str) -> None:
    """Weak comparison: weak tags match, too.

    Raises:
        NotModified: if `If-None-Match` contains the current tag.
    """
    if if_none_match is None:
        return
    tags = [tag.removeprefix(WEAK) for tag in _tags(if_none_match)]
    if _contains(if_none_match, current, tags):
        raise NotModified(headers={"ETag": current})


def _tags(lines: Sequence[str]) -> list[str]:
    """The tags of all headers, or none if a header is malformed."""
    header = ", ".join(lines)
    return ENTITY_TAG.findall(header) if not ENTITY_TAG.sub("", header).strip(" \t,") else []


def _contains(lines: Sequence[str], current: str, tags: list[str]) -> bool:
    return any(line.strip() == ANY for line in lines) or current in tags
