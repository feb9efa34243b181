"""`seed` creates items."""

from sqlalchemy import func, select

from app.models.items import Item
from tests.fixtures.applications import Api
from tests.fixtures.commands import CommandLine


async def statuses(api: Api) -> dict[str, int]:
    async with api.database.read() as session:
        rows = await session.execute(select(Item.status, func.count()).group_by(Item.status))
        return {status: number for status, number in rows}  # noqa: C416  dict() would need pairs of a known type


class TestSeed:
    async def test_items_of_every_status_are_added_once(self, terminal: CommandLine, real_api: Api) -> None:
        await terminal.run("seed")
        first = await statuses(real_api)

        await terminal.run("seed")

        assert set(first) == {"draft", "active", "archived"}
        assert await statuses(real_api) == first
