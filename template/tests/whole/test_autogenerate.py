"""What an owner declares is written into a migration that goes up, down and up, and then nothing is left to do."""

import pytest

from tests.fixtures.migrations import Copy

MODEL = '''"""Many kinds of columns."""

import datetime
import decimal
import enum
import uuid
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, DualId, Timestamps
from app.db.types import SealedText, UtcDateTime


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Size(enum.StrEnum):
    SMALL = "s"
    LARGE = "l"


class Upper(sa.TypeDecorator[str]):
    impl = sa.String(20)
    cache_ok = True


class Yes(sa.TypeDecorator[bool]):
    impl = sa.Boolean
    cache_ok = True


class Kind(DualId, Timestamps, Base):
    __tablename__ = "kinds"
    __table_args__ = (sa.CheckConstraint("number >= 0", "number_positive"), sa.Index(None, "number"))

    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("kinds.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
{columns}
'''
COLUMNS = {
    "yes": "mapped_column(sa.Boolean, server_default=sa.true())",
    "no": "mapped_column(sa.Boolean, server_default=sa.false())",
    "yes_text": 'mapped_column(sa.Boolean, server_default=sa.text("true"))',
    "yes_string": 'mapped_column(sa.Boolean, server_default="1")',
    "no_string": 'mapped_column(sa.Boolean, server_default="false")',
    "yes_decorated": "mapped_column(Yes, server_default=sa.true())",
    "number": 'mapped_column(sa.Integer, server_default="0")',
    "number_text": 'mapped_column(sa.Integer, server_default=sa.text("42"))',
    "number_negative": 'mapped_column(sa.Integer, server_default=sa.text("-1"))',
    "small": 'mapped_column(sa.SmallInteger, server_default="7")',
    "big": 'mapped_column(sa.BigInteger, server_default="9007199254740993")',
    "price": 'mapped_column(sa.Numeric(10, 2), server_default="0.00")',
    "weight": 'mapped_column(sa.Float, server_default="1.5")',
    "double": 'mapped_column(sa.Double, server_default=sa.text("2.5"))',
    "word": 'mapped_column(sa.String(20), server_default="draft")',
    "word_empty": 'mapped_column(sa.String(20), server_default="")',
    "word_quoted": """mapped_column(sa.String(20), server_default="it's")""",
    "word_of_call": 'mapped_column(sa.String(20), server_default=sa.func.lower("ABC"))',
    "word_upper": 'mapped_column(Upper, server_default="A")',
    "long_text": """mapped_column(sa.Text, server_default=sa.text("'a'"))""",
    "sealed": 'mapped_column(SealedText("kinds.sealed"))',
    "day": "mapped_column(sa.Date, server_default=sa.func.current_date())",
    "moment": "mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())",
    "moment_text": 'mapped_column(sa.DateTime(timezone=True), server_default=sa.text("CURRENT_TIMESTAMP"))',
    "moment_utc": "mapped_column(UtcDateTime, server_default=sa.func.now())",
    "hour": """mapped_column(sa.Time, server_default=sa.text("'12:30:00'"))""",
    "span": "mapped_column(sa.Interval)",
    "key": "mapped_column(sa.Uuid, default=uuid.uuid4)",
    "key_string": 'mapped_column(sa.Uuid, server_default="00000000000000000000000000000001")',
    "document": 'mapped_column(sa.JSON, server_default="{}")',
    "document_text": """mapped_column(sa.JSON, server_default=sa.text("'[]'"))""",
    "document_colon": r"""mapped_column(sa.JSON, server_default=sa.text('\'{"a"\\:1}\''))""",
    "document_string": r"""mapped_column(sa.JSON, server_default='{"a":1}')""",
    "raw": "mapped_column(sa.LargeBinary)",
    "literal": "mapped_column(sa.Enum('a', 'b', native_enum=False), server_default='a')",
    "doubled": 'mapped_column(sa.Integer, sa.Computed("number * 2"))',
}
ANNOTATED = {
    "color": ("Color", 'server_default="RED"'),
    "size": ("Size | None", ""),
    "choice": ('Literal["one", "two"]', 'server_default="one"'),
    "flag": ("bool", "server_default=sa.false()"),
    "when": ("datetime.date | None", ""),
    "amount": ("decimal.Decimal | None", ""),
}


def model(columns: dict[str, str]) -> str:
    lines = [f"    {name}: Mapped[Any] = {column}" for name, column in columns.items()]
    lines += [f"    {name}: Mapped[{kind}] = mapped_column({options})" for name, (kind, options) in ANNOTATED.items()]
    return MODEL.replace("{columns}", "\n".join(lines))


async def autogenerate(project: Copy, message: str) -> str:
    """Write the next migration from the models."""
    await project.succeed("-m", "alembic", "revision", "--autogenerate", "--message", message)
    (path,) = (project.folder / "migrations/versions").glob(f"*_{message}.py")
    return path.read_text("utf-8")


async def alembic(project: Copy, *commands: str) -> None:
    for command in commands:
        await project.succeed("-m", "alembic", *command.split())


@pytest.mark.slow
class TestAnyColumn:
    async def test_goes_up_down_and_up(self, project_copy: Copy) -> None:
        path = project_copy.folder / "app/models/kinds.py"
        path.write_text(model(COLUMNS), "utf-8")

        written = await autogenerate(project_copy, "kinds")

        assert "app." not in written
        await alembic(project_copy, "upgrade head", "check", "downgrade -1", "upgrade head", "check")

        # Without the model, its table is dropped, and made again from what the database says of it.
        path.unlink()
        await autogenerate(project_copy, "gone")
        await alembic(project_copy, "upgrade head", "check", "downgrade -1")


IMPORTED = "from sqlalchemy import CheckConstraint"
CHANGED = """
    nickname: Mapped[str | None] = mapped_column(String(50), unique=True)
    points: Mapped[int] = mapped_column(server_default="0")
    is_guest: Mapped[bool] = mapped_column(server_default=false())
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=func.now())
    last_name: Mapped[str | None] = mapped_column(String(MAX_NAME))
"""


@pytest.mark.usefixtures("filled")
class TestUsers:
    async def test_change_with_rows_in_them(self, project_copy: Copy) -> None:
        path = project_copy.folder / "app/models/users.py"
        text = path.read_text("utf-8")
        text = text.replace(
            "from sqlalchemy import CheckConstraint", "from sqlalchemy import false, func, CheckConstraint"
        )
        path.write_text(f"{text.rstrip()}\n{CHANGED}\n", "utf-8")

        written = await autogenerate(project_copy, "changed")

        assert "server_default=sa.false()" in written
        assert "server_default=sa.func.now()" in written
        await alembic(project_copy, "upgrade head", "check", "downgrade -1", "upgrade head", "check")


@pytest.mark.slow
class TestDefault:
    async def test_that_changed_is_found(self, project_copy: Copy) -> None:
        path = project_copy.folder / "app/models/kinds.py"
        path.write_text(model(COLUMNS), "utf-8")
        await autogenerate(project_copy, "kinds")
        await alembic(project_copy, "upgrade head")
        changed = {
            "yes": "mapped_column(sa.Boolean, server_default=sa.false())",
            "number": 'mapped_column(sa.Integer, server_default="1")',
            "word": 'mapped_column(sa.String(20), server_default="Draft")',
            "document": 'mapped_column(sa.JSON, server_default="[]")',
        }
        path.write_text(model({**COLUMNS, **changed}), "utf-8")

        ended = await project_copy.run("-m", "alembic", "check")

        assert ended.stdout.startswith("FAILED: New upgrade operations detected: ")
        assert ended.stdout.count("modify_default") == len(changed)
