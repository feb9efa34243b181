"""Columns that only PostgreSQL has, in migrations that are written by Alembic."""

import pytest

from tests.fixtures.migrations import Copy
from tests.whole.test_autogenerate import alembic, autogenerate

MODEL = '''"""Columns of PostgreSQL."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, DualId


class Tags(sa.TypeDecorator[list[str]]):
    impl = postgresql.ARRAY(sa.String(20))
    cache_ok = True


class Document(sa.TypeDecorator[Any]):
    impl = postgresql.JSONB
    cache_ok = True


class Guid(sa.TypeDecorator[Any]):
    impl = sa.CHAR(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(postgresql.UUID() if dialect.name == "postgresql" else sa.CHAR(32))


class Flexible(sa.TypeDecorator[Any]):
    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(postgresql.JSONB())


class Kind(DualId, Base):
    __tablename__ = "kinds"

{columns}
'''
COLUMNS = {
    "tags": 'mapped_column(postgresql.ARRAY(sa.Text), server_default="{}")',
    "tags_generic": """mapped_column(sa.ARRAY(sa.Integer), server_default=sa.text("'{}'"))""",
    "tags_decorated": 'mapped_column(Tags, server_default="{}")',
    "document": """mapped_column(postgresql.JSONB, server_default=sa.text("'{}'::jsonb"))""",
    "document_plain": """mapped_column(postgresql.JSON, server_default=sa.text("'{}'::json"))""",
    "document_decorated": 'mapped_column(Document, server_default="[]")',
    "document_variant": 'mapped_column(sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), server_default="{}")',
    "document_flexible": "mapped_column(Flexible)",
    "key": "mapped_column(Guid)",
    "key_random": 'mapped_column(sa.Uuid, server_default=sa.text("gen_random_uuid()"))',
    "key_text": 'mapped_column(sa.Text, server_default=sa.text("gen_random_uuid()::text"))',
    "row_number": "mapped_column(sa.BigInteger, sa.Identity(start=100))",
    "address": """mapped_column(postgresql.INET, server_default=sa.text("'127.0.0.1'"))""",
    "span": """mapped_column(sa.Interval, server_default=sa.text("'1 day'::interval"))""",
    "raw": r"""mapped_column(sa.LargeBinary, server_default=sa.text(r"'\\x00'"))""",
    "moment": """mapped_column(sa.DateTime, server_default=sa.text("timezone('utc', now())"))""",
    "day": """mapped_column(sa.Date, server_default=sa.text("'2026-01-31'::date"))""",
    "price": 'mapped_column(sa.Numeric(10, 2), server_default=sa.text("0.00::numeric(10, 2)"))',
    "doubled": 'mapped_column(sa.Integer, sa.Computed("length(key_text) * 2", persisted=True))',
    "words": "mapped_column(postgresql.TSVECTOR, nullable=True)",
    "period": "mapped_column(postgresql.TSTZRANGE, nullable=True)",
}


def write(project: Copy, columns: dict[str, str]) -> None:
    lines = [f"    {name}: Mapped[Any] = {column}" for name, column in columns.items()]
    text = MODEL.replace("{columns}", "\n".join(lines))
    (project.folder / "app/models/kinds.py").write_text(text, "utf-8")


@pytest.mark.slow
class TestColumns:
    async def test_go_up_down_and_up(self, project_copy: Copy) -> None:
        write(project_copy, COLUMNS)

        written = await autogenerate(project_copy, "kinds")

        assert "app." not in written
        await alembic(project_copy, "upgrade head", "check", "downgrade -1", "upgrade head", "check")

    async def test_show_a_default_that_changed(self, project_copy: Copy) -> None:
        write(project_copy, COLUMNS)
        await autogenerate(project_copy, "kinds")
        await alembic(project_copy, "upgrade head")
        new = COLUMNS["document_plain"].replace("{}", "[]")
        write(project_copy, {**COLUMNS, "document_plain": new})

        ended = await project_copy.run("-m", "alembic", "check")

        assert ended.stdout.startswith("FAILED: New upgrade operations detected: ")
        assert ended.stdout.count("modify_default") == 1
