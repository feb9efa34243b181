"""Join accounts and items with their indexes."""

revision = "0005_join_items_postgresql"
down_revision = ("0003_items_postgresql", "0004_accounts_postgresql", "0004_join_items")
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
