"""A power failure cannot lose an acknowledged write."""

from sqlalchemy import text

from tests.fixtures.applications import Api

FULL = 2


class TestWriter:
    async def test_a_write_waits_for_the_disk(self, real_api: Api) -> None:
        async with real_api.database.write() as session:
            level = (await session.execute(text("PRAGMA synchronous"))).scalar_one()

        assert level == FULL
