"""Whether the tables are those of this code."""

from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import text

FOLDER = Path(__file__).parents[2] / "migrations"
APPLIED = text("SELECT version_num FROM alembic_version")


def pending(applied: AbstractSet[str]) -> bool:
    """Whether a migration of this code is missing.

    One that this code does not know is of a newer release: its migrations run while the old processes still serve, and
    those must not go red for it.
    """
    known, newest = _revisions()
    return applied <= known and applied != newest


@cache
def _revisions() -> tuple[frozenset[str], frozenset[str]]:
    """Those that come with this code, and the newest of them. The files of a running process do not change."""
    scripts = ScriptDirectory(str(FOLDER))
    return frozenset(script.revision for script in scripts.walk_revisions()), frozenset(scripts.get_heads())
