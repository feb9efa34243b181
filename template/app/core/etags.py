"""Entity tags and the preconditions that name them (RFC 9110 §8.8.3, §13.1): nobody changes what they have not seen."""

import re

from app.core.exceptions import AppError, NotModified

ANY = "*"
ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
WEAK = "W/"


class PreconditionFailed(AppError):
    """Somebody else changed the thing since the client read it."""

    status = 412
    code = "precondition_failed"
    detail = "This was changed since you read it. Read it again."


def etag(version: int) -> str:
    """A strong tag: each change of the thing gives it a new version."""
    return f'"{version}"'


def require_match(if_match: str | None, current: str) -> None:
    """Strong comparison: a weak tag does not vouch for every byte.

    Raises:
        PreconditionFailed: unless `If-Match` is absent or names the current tag. One that names no tag is never met.
    """
    if if_match is not None and not _names(if_match, current, _tags(if_match)):
        raise PreconditionFailed


def require_none_match(if_none_match: str | None, current: str) -> None:
    """Weak comparison: an equivalent copy is good enough to keep.

    Raises:
        NotModified: if `If-None-Match` names the current tag.
    """
    if if_none_match is None:
        return
    tags = [tag.removeprefix(WEAK) for tag in _tags(if_none_match)]
    if _names(if_none_match, current, tags):
        raise NotModified(headers={"ETag": current})


def _tags(header: str) -> list[str]:
    """None of a header that is no list of tags."""
    return ENTITY_TAG.findall(header) if not ENTITY_TAG.sub("", header).strip(" \t,") else []


def _names(header: str, current: str, tags: list[str]) -> bool:
    return header.strip() == ANY or current in tags
