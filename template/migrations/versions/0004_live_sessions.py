"""An index for the sessions of a user that were not revoked.

A login, the list of sessions and a new password need only these. With the old index they read the revoked ones, too.

The old index is dropped first, because that needs the stronger lock on the table. In the other order, the migration and
a request could wait for each other. Requests wait while the new index is built, about a second for a million sessions.
An index of this name that exists already is kept: on a larger table, it can be built before, without the lock.
"""

from alembic import op

revision = "0004_live_sessions"
down_revision = "0003_accounts"
branch_labels = None
depends_on = None

BEFORE, AFTER = "last_used_at", "revoked_at"


def upgrade() -> None:
    replace(BEFORE, AFTER)


def downgrade() -> None:
    replace(AFTER, BEFORE)


def replace(old: str, new: str) -> None:
    op.drop_index(op.f(f"ix_sessions_user_id_{old}"), "sessions")
    op.create_index(op.f(f"ix_sessions_user_id_{new}"), "sessions", ["user_id", new], if_not_exists=True)
