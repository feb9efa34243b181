"""Join the index of sessions and the order of bytes. Both continue from the migration of accounts."""

revision = "0005_join_postgresql"
down_revision = ("0004_accounts_postgresql", "0004_live_sessions")
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
