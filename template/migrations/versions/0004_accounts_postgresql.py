"""The order of bytes for what administrators search, so that an index finds a prefix in every locale."""

import sqlalchemy as sa
from alembic import op

revision = "0004_accounts_postgresql"
down_revision = "0003_accounts"
branch_labels = None
depends_on = None

LENGTHS = {"email": 254, "first_name_folded": 300, "last_name_folded": 300}


def upgrade() -> None:
    collate("C")


def downgrade() -> None:
    collate(None)


def collate(collation: str | None) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name, length in LENGTHS.items():
            op.alter_column("users", name, type_=sa.String(length, collation), existing_nullable=False)
