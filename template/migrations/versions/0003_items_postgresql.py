"""The trigram index of items."""

from alembic import op

revision = "0003_items_postgresql"
down_revision = "0002_items"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_index(
        op.f("ix_items_search_text"),
        "items",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )


def downgrade() -> None:
    """Leaves the extension: something else may use it by now."""
    op.drop_index(op.f("ix_items_search_text"), "items")
