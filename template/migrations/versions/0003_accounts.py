"""Roles, verified addresses, and what administrators search."""

from unicodedata import normalize

import sqlalchemy as sa
from alembic import context, op

revision = "0003_accounts"
down_revision = "0001_users_and_sessions"
branch_labels = None
depends_on = None

BATCH = 1000
NAMES = ("first_name", "last_name")
# As SQL, because Alembic cannot add a column together with its constraint. Together no database copies the table.
ADD_ROLE = """
ALTER TABLE users ADD COLUMN role VARCHAR(16) DEFAULT 'user' NOT NULL
CONSTRAINT ck_users_role_known CHECK (role IN ('user', 'admin'))
"""

users = sa.table(
    "users",
    sa.column("id", sa.BigInteger()),
    *(sa.column(name, sa.String()) for name in (*NAMES, "first_name_folded", "last_name_folded")),
)


def upgrade() -> None:
    op.execute(ADD_ROLE)
    op.add_column("users", sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True))
    for name in NAMES:
        op.add_column("users", sa.Column(f"{name}_folded", sa.String(length=300), server_default="", nullable=False))
    fold_names()
    for name in NAMES:
        op.create_index(op.f(f"ix_users_{name}_folded"), "users", [f"{name}_folded"])
    op.create_index(op.f("ix_users_role_id"), "users", ["role", "id"])
    op.create_index(op.f("ix_users_is_active_id"), "users", ["is_active", "id"])


def fold_names() -> None:
    """As the application does from now on. With `--sql` there are no rows to read, and the database's `lower` stays."""
    folded = {f"{name}_folded": sa.func.coalesce(sa.func.lower(users.c[name]), "") for name in NAMES}
    op.execute(users.update().values(folded))
    if context.is_offline_mode():
        return
    connection, last = op.get_bind(), 0
    page = users.select().order_by(users.c.id).limit(BATCH)
    while rows := connection.execute(page.where(users.c.id > last)).all():
        for row in rows:
            names = (fold(row.first_name or ""), fold(row.last_name or ""))
            if names != (row.first_name_folded, row.last_name_folded):
                values = dict(zip(folded, names, strict=True))
                connection.execute(users.update().where(users.c.id == row.id).values(values))
        last = rows[-1].id


def fold(text: str) -> str:
    return normalize("NFC", normalize("NFC", text).casefold())


def downgrade() -> None:
    op.drop_index(op.f("ix_users_is_active_id"), "users")
    op.drop_index(op.f("ix_users_role_id"), "users")
    for name in NAMES:
        op.drop_index(op.f(f"ix_users_{name}_folded"), "users")
    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_constraint(op.f("ck_users_role_known"), type_="check")
        for name in (*(f"{name}_folded" for name in NAMES), "email_verified_at", "role"):
            batch_op.drop_column(name)
