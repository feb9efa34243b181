"""What happens to the file when the power or the disk fails."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from httpx2 import Response
from sqlalchemy import text

from tests import expect
from tests.factories.users import registration
from tests.fixtures.applications import Api, start
from tests.fixtures.settings import MakeSettings

FULL = 2
MOST_PAGES = 1_000_000
PATIENCE = 60


async def limit_pages(api: Api, count: int) -> None:
    """Limit the size of the file, but not below its present size."""
    async with api.database.writing.connect() as connection:
        await connection.execute(text(f"PRAGMA max_page_count = {count}"))


class TestWriter:
    async def test_a_write_waits_for_the_disk(self, real_api: Api) -> None:
        async with real_api.database.write() as session:
            level = (await session.execute(text("PRAGMA synchronous"))).scalar_one()

        assert level == FULL


class TestDisk:
    async def test_writes_are_503_while_it_is_full(self, real_api: Api) -> None:
        client = await real_api.client()

        async def register() -> Response:
            return await client.post("/api/v1/auth/register", json=registration())

        await limit_pages(real_api, 1)
        async with asyncio.timeout(PATIENCE):
            while (answer := await register()).status_code == 201:
                pass
        expect.problem(answer, 503, "database_unavailable")
        assert answer.headers["retry-after"]

        await limit_pages(real_api, MOST_PAGES)
        assert (await register()).status_code == 201

    async def test_requests_are_503_if_the_file_is_damaged(
        self, make_settings: MakeSettings, stack: AsyncExitStack, tmp_path: Path
    ) -> None:
        file = tmp_path / "damaged.db"
        file.write_bytes(b"x" * 8192)
        api = await start(make_settings(database_url=f"sqlite+aiosqlite:///{file}"), stack)

        answer = await (await api.client()).post("/api/v1/auth/login", json={"email": "a@example.com", "password": "x"})

        expect.problem(answer, 503, "database_unavailable")
