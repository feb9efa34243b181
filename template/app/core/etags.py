"""Entity tags and the preconditions that name them (RFC 9110 §8.8.3, §13.1): nobody changes what they have not seen."""

import re
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

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


class Preconditions(BaseModel):
    """What the request says about the client's copy. A header that names no tag at all is met by none."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)

    if_match: Annotated[str | None, Field(description="Change it only if this is still its `ETag`.")] = None
    if_none_match: Annotated[str | None, Field(description="The `ETag` of the copy at hand.")] = None

    def require_match(self, current: str) -> None:
        """Strong comparison: a weak tag does not vouch for every byte.

        Raises:
            PreconditionFailed: unless `If-Match` is absent or names the current tag.
        """
        if self.if_match is not None and not _names(self.if_match, current):
            raise PreconditionFailed

    def require_none_match(self, current: str) -> None:
        """Weak comparison: an equivalent copy is good enough to keep.

        Raises:
            NotModified: if `If-None-Match` names the current tag.
        """
        if self.if_none_match is not None and _names(self.if_none_match.replace(f'{WEAK}"', '"'), current):
            raise NotModified(headers={"ETag": current})


def _names(header: str, current: str) -> bool:
    return header.strip() == ANY or current in ENTITY_TAG.findall(header)
