"""SQLite: files in pytest's temporary folder."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy.engine import make_url

WORKERS = (1,)


class Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def create(self, template: str | None = None) -> str:
        path = self.folder / f"{uuid4().hex}.db"
        if template:
            shutil.copyfile(make_url(template).database or "", path)
        return f"sqlite+aiosqlite:///{path}"

    def unreachable(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder}/nowhere/secret-name.db"


@asynccontextmanager
async def serve(folder: Path) -> AsyncIterator[Files]:
    yield Files(folder)
