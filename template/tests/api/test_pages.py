"""How every list is walked, shown on the list of sessions."""

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
    """Somebody with five sessions."""
    for _ in range(4):
        await sign_in(api, ada.user)
    return ada


class TestCursor:
    async def test_walks_the_whole_list_once(self, many: Person) -> None:
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

    async def test_ends_with_a_full_page(self, many: Person) -> None:
        assert (await page(many.http, per_page=5))["next_cursor"] is None

    async def test_is_not_disturbed_by_what_is_added(self, api: Api, many: Person) -> None:
        first = await page(many.http, per_page=3)
        await sign_in(api, many.user)

        rest = await page(many.http, cursor=first["next_cursor"])

        assert len(rest["results"]) == 2
        assert not {session["id"] for session in rest["results"]} & {session["id"] for session in first["results"]}

    async def test_beside_a_page_is_looked_at_all_the_same(self, many: Person) -> None:
        response = await many.http.get(SESSIONS, params={"page": 1, "cursor": "garbage"})

        expect.problem(response, 422, "invalid_cursor")

    async def test_of_somebody_else_is_refused(self, many: Person, bob: Person) -> None:
        cursor = (await page(many.http, per_page=2))["next_cursor"]

        response = await bob.http.get(SESSIONS, params={"cursor": cursor})

        assert expect.reasons(response, code="invalid_cursor") == {("query:cursor", "invalid_cursor")}

    async def test_tampered_with_is_refused(self, many: Person) -> None:
        cursor = (await page(many.http, per_page=2))["next_cursor"]

        for forged in (cursor[:-1], cursor + "A", cursor.swapcase(), f"{cursor}=", "", "MTA="):
            response = await many.http.get(SESSIONS, params={"cursor": forged})
            expect.problem(response, 422, "invalid_cursor")

    async def test_tells_nothing(self, many: Person) -> None:
        cursors = {(await page(many.http, per_page=2))["next_cursor"] for _ in range(2)}

        assert len(cursors) == 2


class TestPageNumber:
    async def test_counts_from_one(self, many: Person) -> None:
        whole = (await page(many.http))["results"]

        parts = [await page(many.http, page=number, per_page=2) for number in (1, 2, 3)]

        assert [part["page"] for part in parts] == [1, 2, 3]
        assert [part["total"] for part in parts] == [5, 5, 5]
        assert [entry["id"] for part in parts for entry in part["results"]] == [entry["id"] for entry in whole]
        assert {part["next_cursor"] for part in parts} == {None}

    async def test_beyond_the_end_is_empty(self, many: Person) -> None:
        beyond = await page(many.http, page=4, per_page=2)

        assert (beyond["results"], beyond["total"]) == ([], 5)

    async def test_deeper_than_ten_thousand_is_refused(self, many: Person) -> None:
        assert (await page(many.http, page=100, per_page=100))["results"] == []

        for query in ({"page": 101, "per_page": 100}, {"page": 501}, {"page": 10**18}):
            response = await many.http.get(SESSIONS, params=query)
            assert expect.reasons(response, code="page_too_deep") == {("query:page", "page_too_deep")}
