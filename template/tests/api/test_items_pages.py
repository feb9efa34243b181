"""Lists of items, and their pages."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests import expect
from tests.factories.items import add_item
from tests.factories.users import Person
from tests.fixtures.applications import Api

LISTS = ["/api/v1/items", "/api/v1/items/my", "/api/v1/items/search?q=lamp"]


async def names(person: Person, path: str, **params: Any) -> list[str]:
    response = await person.http.get(path, params=params or None)
    assert response.status_code == 200, response.text
    return [item["name"] for item in response.json()["results"]]


@pytest.fixture
async def lamps(api: Api, ada: Person) -> list[str]:
    """The names of seven items, newest first."""
    added = [f"Lamp {number}" for number in range(7)]
    for name in added:
        await add_item(api, ada.user, name=name)
    return added[::-1]


class TestLists:
    async def test_the_list_of_all_items_shows_active_items_only(self, api: Api, ada: Person, bob: Person) -> None:
        for status in ("draft", "active", "archived"):
            await add_item(api, bob.user, name=f"Bob's {status}", status=status)
            await add_item(api, ada.user, name=f"Ada's {status}", status=status)

        assert await names(ada, "/api/v1/items") == ["Ada's active", "Bob's active"]

    async def test_the_list_of_own_items_shows_every_status(self, api: Api, ada: Person, bob: Person) -> None:
        for status in ("draft", "active", "archived"):
            await add_item(api, bob.user, name=f"Bob's {status}", status=status)
            await add_item(api, ada.user, name=f"Ada's {status}", status=status)

        assert await names(ada, "/api/v1/items/my") == ["Ada's archived", "Ada's active", "Ada's draft"]

    async def test_a_list_without_items_is_empty(self, ada: Person) -> None:
        empty = {"results": [], "per_page": 20, "next_cursor": None, "page": None, "total": None}

        for path in LISTS:
            assert (await ada.http.get(path)).json() == empty

    @pytest.mark.parametrize("path", LISTS)
    async def test_lists_need_authentication(self, client: AsyncClient, path: str) -> None:
        expect.problem(await client.get(path), 401, "not_authenticated")

    async def test_lists_show_the_owner(self, api: Api, ada: Person, bob: Person) -> None:
        await add_item(api, bob.user)

        [item] = (await ada.http.get("/api/v1/items")).json()["results"]

        assert item["owner_id"] == str(bob.user.public_id)


class TestPages:
    @pytest.mark.parametrize("path", LISTS)
    async def test_following_cursors_shows_each_item_once(self, ada: Person, lamps: list[str], path: str) -> None:
        walked, cursor = await self.step(ada, path)
        while cursor:
            shown, cursor = await self.step(ada, path, cursor)
            walked += shown

        assert walked == lamps

    @pytest.mark.parametrize("path", LISTS)
    async def test_page_numbers_show_the_same_items(self, ada: Person, lamps: list[str], path: str) -> None:
        http = ada.http
        parts = [(await http.get(path, params={**query(path), "page": n, "per_page": 3})).json() for n in (1, 2, 3, 4)]

        assert [item["name"] for part in parts for item in part["results"]] == lamps
        assert [(part["page"], part["total"]) for part in parts] == [(1, 7), (2, 7), (3, 7), (4, 7)]

    async def test_a_cursor_of_another_list_is_refused(self, ada: Person, lamps: list[str]) -> None:
        assert lamps
        for path in LISTS:
            _, cursor = await self.step(ada, path)
            for other in [*LISTS, "/api/v1/items/search?q=lam"]:
                response = await ada.http.get(other, params={**query(other), "cursor": cursor})
                assert (response.status_code == 200) == (other == path)
                if other != path:
                    expect.problem(response, 422, "invalid_cursor")

    async def test_a_cursor_of_another_user_is_refused_for_own_items(
        self, ada: Person, bob: Person, lamps: list[str]
    ) -> None:
        assert lamps
        _, cursor = await self.step(ada, "/api/v1/items/my")

        expect.problem(await bob.http.get("/api/v1/items/my", params={"cursor": cursor}), 422, "invalid_cursor")

    async def test_items_added_or_deleted_meanwhile_do_not_shift_the_pages(
        self, api: Api, ada: Person, lamps: list[str]
    ) -> None:
        shown, cursor = await self.step(ada, "/api/v1/items")
        await ada.http.delete(f"/api/v1/items/{await add_item(api, ada.user)}")
        await add_item(api, ada.user, name="Newer than all")

        rest = await names(ada, "/api/v1/items", cursor=cursor)

        assert shown + rest == lamps

    async def step(self, person: Person, path: str, cursor: str | None = None) -> tuple[list[str], str | None]:
        params = {**query(path), "per_page": "2", **({"cursor": cursor} if cursor else {})}
        body = (await person.http.get(path, params=params)).json()
        return [item["name"] for item in body["results"]], body["next_cursor"]


def query(path: str) -> dict[str, str]:
    """The query in the path. `params` would replace it."""
    return dict(pair.split("=") for pair in path.partition("?")[2].split("&") if pair)
