"""The parts of `scripts/new_resource.py`. What it writes is in `templates/`, which you can change to your style."""

from enum import StrEnum


class Refused(Exception):
    """Nothing was written. The message is one sentence for the user."""


class Access(StrEnum):
    """Who sees and changes the rows of a resource."""

    OWNER = "owner"
    # Every signed-in user.
    SHARED = "shared"
    # Every signed-in user sees them, and administrators change them.
    ADMIN = "admin"
