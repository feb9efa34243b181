"""What Alembic writes in a project with one database runs in a project with the other, on rows, up and down."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from combinations import FEATURES
from conftest import Render, own
from environments import Environment, install
from servers import postgresql

pytestmark = pytest.mark.projects

IMPORTS = "from sqlalchemy import CheckConstraint"
COLUMNS = """
    nickname: Mapped[str | None] = mapped_column(String(50), unique=True)
    title: Mapped[str] = mapped_column(String(50), server_default="it's: none")
    points: Mapped[int] = mapped_column(server_default="0")
    level: Mapped[int] = mapped_column(server_default=text("1"))
    ratio: Mapped[float] = mapped_column(server_default="0.5")
    is_guest: Mapped[bool] = mapped_column(server_default=false())
    is_known: Mapped[bool] = mapped_column(server_default="1")
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=func.now())
    born_on: Mapped[date | None]
    photo: Mapped[bytes | None]
    key: Mapped[UUID | None]
    last_name: Mapped[str | None] = mapped_column(String(MAX_NAME))
"""
COUNT = """
import asyncio
from sqlalchemy import func, select
from app.core.config import load_settings
from app.db.database import Database
from app.models.items import Item
from app.models.users import User

async def main():
    database = Database(load_settings())
    async with database.read() as session:
        print([(await session.scalars(select(func.count(table.id)))).one() for table in (User, Item)])
    await database.close()

asyncio.run(main())
"""


@dataclass(frozen=True)
class Project:
    """A project with a database, which has the sample data."""

    folder: Path
    environment: Environment
    url: str

    def run(self, command: str) -> str:
        return self.environment.succeed(self.folder, command, DATABASE_URL=self.url)

    @property
    def versions(self) -> Path:
        return self.folder / "migrations/versions"

    @property
    def head(self) -> str:
        return max(path.stem for path in self.versions.glob("0*.py"))

    @property
    def rows(self) -> str:
        (self.folder / "count.py").write_text(COUNT, "utf-8")
        return self.run("python count.py")

    def change_users(self) -> None:
        model = self.folder / "app/models/users.py"
        text = model.read_text("utf-8")
        assert IMPORTS in text
        text = text.replace(IMPORTS, f"{IMPORTS}, false, func, text").replace(
            "from datetime import datetime", "from datetime import date, datetime\nfrom uuid import UUID"
        )
        model.write_text(text.rstrip() + COLUMNS, "utf-8")


@pytest.fixture
def projects(render: Render, tmp_path: Path) -> Iterator[dict[str, Project]]:
    """Give one project for each database."""
    with ExitStack() as stack:
        made = {}
        for database in FEATURES["database"]:
            folder = own(render({"database": database}), tmp_path / database / "my-api")
            environment = install(folder)
            url = f"sqlite+aiosqlite:///{folder}/app.db"
            if database == "postgresql":
                url = stack.enter_context(postgresql(environment))
            made[database] = Project(folder, environment, url)
            for command in ("init-env", "init-db", "seed"):
                made[database].run(f"python cli.py {command}")
        yield made


@pytest.mark.parametrize("author", FEATURES["database"])
def test_runs_on_the_other_database(projects: dict[str, Project], author: str) -> None:
    here = projects.pop(author)
    (there,) = projects.values()
    before = there.rows
    original = there.folder / "app/models/users.py"
    model = original.read_text("utf-8")

    # Written by what changed in the models, and then by what the database says of the columns that go.
    here.change_users()
    here.run("alembic revision --autogenerate --rev-id changed --message x && alembic upgrade head && alembic check")
    (here.folder / "app/models/users.py").write_text(model, "utf-8")
    here.run("alembic revision --autogenerate --rev-id restored --message x && alembic upgrade head && alembic check")
    for revision in ("changed", "restored"):
        script = (here.versions / f"{revision}_x.py").read_text("utf-8")
        (there.versions / f"{revision}_x.py").write_text(script.replace(f'"{here.head}"', f'"{there.head}"'), "utf-8")

    there.change_users()
    there.run("alembic upgrade changed")
    assert there.rows == before
    original.write_text(model, "utf-8")
    there.run("alembic upgrade head && alembic check")
    assert there.rows == before
    for command in ("downgrade changed", "downgrade -1", "upgrade head"):
        there.run(f"alembic {command}")
    assert there.rows == before
