"""The pages of every list, tested with the list of sessions."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests import expect
from tests.factories.users import Person, sign_in
from tests.fixtures.applications import Api

SESSIONS = "/api/v1/auth/sessions"


async def page(http: AsyncClient, **params: Any) -> dict[str, Any]:
    response = await http.get(SESSIONS, params=params)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    assert set(body) == {"results", "per_page", "next_cursor", "page", "total"}
    return body


@pytest.fixture
async def many(api: Api, ada: Person) -> Person:
    """A user with five sessions."""
    for _ in range(4):
        await sign_in(api, ada.user)
    return ada


class TestCursor:
    async def test_following_cursors_shows_each_entry_once(self, many: Person) -> None:
        whole = [session["id"] for session in (await page(many.http))["results"]]
        walked: list[str] = []
        cursor: dict[str, str] = {}

        while True:
            part = await page(many.http, per_page=2, **cursor)
            walked += [session["id"] for session in part["results"]]
            assert (part["page"], part["total"], part["per_page"]) == (None, None, 2)
            if part["next_cursor"] is None:
                break
            cursor = {"cursor": part["next_cursor"]}

        assert walked == whole
        assert len(set(walked)) == 5

    async def test_a_full_last_page_has_no_next_cursor(self, many: Person) -> None:
        assert (await page(many.http, per_page=5))["next_cursor"] is None

    async def test_a_new_entry_does_not_shift_the_pages(self, api: Api, many: Person) -> None:
        first = await page(many.http, per_page=3)
        await sign_in(api, many.user)

        rest = await page(many.http, cursor=first["next_cursor"])

        assert len(rest["results"]) == 2
        assert not {session["id"] for session in rest["results"]} & {session["id"] for session in first["results"]}

    async def test_the_cursor_is_validated_even_if_there_is_a_page_number(self, many: Person) -> None:
        response = await many.http.get(SESSIONS, params={"page": 1, "cursor": "garbage"})

        expect.problem(response, 422, "invalid_cursor")

    async def test_a_cursor_of_another_user_is_refused(self, many: Person, bob: Person) -> None:
        cursor = (await page(many.http, per_page=2))["next_cursor"]

        response = await bob.http.get(SESSIONS, params={"cursor": cursor})

        assert expect.reasons(response, code="invalid_cursor") == {("query:cursor", "invalid_cursor")}

    async def test_a_changed_cursor_is_refused(self, many: Person) -> None:
        cursor = (await page(many.http, per_page=2))["next_cursor"]

        for forged in (cursor[:-1], cursor + "A", cursor.swapcase(), f"{cursor}=", "", "MTA="):
            response = await many.http.get(SESSIONS, params={"cursor": forged})
            expect.problem(response, 422, "invalid_cursor")

    async def test_cursors_for_the_same_position_differ(self, many: Person) -> None:
        cursors = {(await page(many.http, per_page=2))["next_cursor"] for _ in range(2)}

        assert len(cursors) == 2


class TestPageNumber:
    async def test_page_numbers_begin_with_one(self, many: Person) -> None:
        whole = (await page(many.http))["results"]

        parts = [await page(many.http, page=number, per_page=2) for number in (1, 2, 3)]

        assert [part["page"] for part in parts] == [1, 2, 3]
        assert [part["total"] for part in parts] == [5, 5, 5]
        assert [entry["id"] for part in parts for entry in part["results"]] == [entry["id"] for entry in whole]
        assert {part["next_cursor"] for part in parts} == {None}

    async def test_a_page_after_the_last_is_empty(self, many: Person) -> None:
        beyond = await page(many.http, page=4, per_page=2)

        assert (beyond["results"], beyond["total"]) == ([], 5)

    async def test_a_page_after_ten_thousand_entries_is_refused(self, many: Person) -> None:
        assert (await page(many.http, page=100, per_page=100))["results"] == []

        for query in ({"page": 101, "per_page": 100}, {"page": 501}, {"page": 10**18}):
            response = await many.http.get(SESSIONS, params=query)
            assert expect.reasons(response, code="page_too_deep") == {("query:page", "page_too_deep")}
