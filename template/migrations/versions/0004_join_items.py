"""Join accounts and items. Both continue from the first migration: a project may have one without the other."""

revision = "0004_join_items"
down_revision = ("0002_items", "0003_accounts")
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
