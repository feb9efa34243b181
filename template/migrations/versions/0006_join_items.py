"""Join items and the index of sessions. A project without items has no such join."""

revision = "0006_join_items"
down_revision = ("0004_join_items", "0004_live_sessions")
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
