"""Nothing is acknowledged that a power failure could still lose."""

from sqlalchemy import text

from tests.fixtures.applications import Api

FULL = 2


class TestWriter:
    async def test_waits_for_the_disk(self, real_api: Api) -> None:
        async with real_api.database.write() as session:
            level = (await session.execute(text("PRAGMA synchronous"))).scalar_one()

        assert level == FULL
