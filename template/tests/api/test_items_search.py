"""GET /api/v1/items/search, which works the same on every database."""

import pytest

from tests import expect
from tests.factories.items import add_item
from tests.factories.users import Person
from tests.fixtures.applications import Api

SEARCH = "/api/v1/items/search"


async def found(person: Person, text: str) -> list[str]:
    response = await person.http.get(SEARCH, params={"q": text})
    assert response.status_code == 200, response.text
    return sorted(item["name"] for item in response.json()["results"])


class TestSearch:
    async def test_search_finds_parts_of_names_and_descriptions(self, api: Api, ada: Person) -> None:
        await add_item(api, ada.user, name="Street lamp")
        await add_item(api, ada.user, name="Torch", description="no lamp at all")
        await add_item(api, ada.user, name="Candle")

        assert await found(ada, "lamp") == ["Street lamp", "Torch"]
        assert await found(ada, "t la") == ["Street lamp"]
        assert await found(ada, "lantern") == []

    async def test_search_finds_active_items_only(self, api: Api, ada: Person) -> None:
        for status in ("draft", "active", "archived"):
            await add_item(api, ada.user, name=status, description="lamp", status=status)

        assert await found(ada, "lamp") == ["active"]

    async def test_search_finds_the_changed_text(self, api: Api, ada: Person) -> None:
        path = f"/api/v1/items/{await add_item(api, ada.user, name='Lamp', description='bright')}"
        await ada.http.patch(path, json={"name": "Torch"})

        assert await found(ada, "lamp") == []
        assert await found(ada, "TORCH") == ["Torch"]
        assert await found(ada, "bright") == ["Torch"]
        await ada.http.patch(path, json={"description": None})
        assert await found(ada, "bright") == []

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("\u00c9cole", "\u00e9cole"),
            ("\u00e9cole", "\u00c9COLE"),
            ("E\u0301cole", "\u00e9cole"),
            ("\u00c9cole", "e\u0301cole"),
            ("Straße", "STRASSE"),
            ("STRASSE", "straße"),
            ("ΌΔΟΣ", "όδος"),
            ("όδος", "ΌΔΟΣ"),
            ("ПРИВЕТ", "привет"),
            ("İstanbul", "i\u0307stanbul"),
            ("ﬁre", "FIRE"),
            ("한국어", "한국"),
            ("🕯 candle", "🕯"),
        ],
    )
    async def test_search_ignores_case_in_every_script(self, api: Api, ada: Person, name: str, text: str) -> None:
        await add_item(api, ada.user, name=name)

        assert await found(ada, text) == [name]

    @pytest.mark.parametrize(
        "text", ["%", "_", "\\", "/", "100%", "50_50", "a\\b", "'", '"', "';--", ":x", "%(x)s", "$1", "?", "[a]", "*"]
    )
    async def test_search_has_no_wildcards_or_other_special_characters(self, api: Api, ada: Person, text: str) -> None:
        await add_item(api, ada.user, name=f"before {text} after")
        await add_item(api, ada.user, name="100 percent, 50x50, axb, nothing special")

        assert await found(ada, text) == [f"before {text} after"]

    async def test_a_match_cannot_span_name_and_description(self, api: Api, ada: Person) -> None:
        await add_item(api, ada.user, name="red", description="lamp")

        for text in ("redlamp", "red lamp"):
            assert await found(ada, text) == []

    @pytest.mark.parametrize("text", ["", "x" * 101, "\x00", "a\x00b", "\n", "a\tb", "\x1b"])
    async def test_empty_long_and_control_characters_are_refused(self, ada: Person, text: str) -> None:
        response = await ada.http.get(SEARCH, params={"q": text})

        assert {pointer for pointer, _ in expect.reasons(response)} == {"query:q"}

    @pytest.mark.parametrize("query", ["q=%ff", "q=%ed%a0%80"])
    async def test_bytes_that_are_not_utf8_are_replaced(self, ada: Person, query: str) -> None:
        assert (await ada.http.get(f"{SEARCH}?{query}")).json()["results"] == []

    async def test_the_last_of_several_q_parameters_is_validated(self, ada: Person) -> None:
        expect.problem(await ada.http.get(f"{SEARCH}?q=a&q=%00"), 422, "validation_error")

    async def test_a_text_of_a_hundred_characters_is_accepted(self, api: Api, ada: Person) -> None:
        await add_item(api, ada.user, name="ß" * 100)

        assert await found(ada, "ß" * 100) == ["ß" * 100]
