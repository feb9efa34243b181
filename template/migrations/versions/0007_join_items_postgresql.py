"""Join items, the index of sessions and the indexes of items."""

revision = "0007_join_items_postgresql"
down_revision = ("0005_join_items_postgresql", "0005_join_postgresql", "0006_join_items")
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
