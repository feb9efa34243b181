"""Create, read, update and delete items, and who is allowed to."""

from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient

from tests import expect
from tests.factories.items import add_item
from tests.factories.users import Person
from tests.fixtures.applications import Api

ITEMS = "/api/v1/items"


class TestCreate:
    async def test_create_returns_the_item_and_its_location(self, ada: Person) -> None:
        response = await ada.http.post(ITEMS, json={"name": " Lamp ", "description": "Two lines,\n\tindented"})

        assert response.status_code == 201
        body = response.json()
        assert set(body) == {"id", "name", "description", "status", "owner_id", "created_at", "updated_at"}
        assert (body["name"], body["description"], body["status"]) == ("Lamp", "Two lines,\n\tindented", "draft")
        assert body["owner_id"] == str(ada.user.public_id)
        assert response.headers["location"] == f"{ITEMS}/{body['id']}"
        shown = await ada.http.get(response.headers["location"])
        assert shown.json() == body
        assert shown.headers["etag"] == response.headers["etag"]

    @pytest.mark.parametrize("status", ["draft", "active", "archived"])
    async def test_an_item_can_be_created_with_any_status(self, ada: Person, status: str) -> None:
        response = await ada.http.post(ITEMS, json={"name": "Lamp", "status": status})

        assert (response.status_code, response.json()["status"]) == (201, status)

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "#/name"),
            ({"name": ""}, "#/name"),
            ({"name": "   "}, "#/name"),
            ({"name": None}, "#/name"),
            ({"name": "x" * 201}, "#/name"),
            ({"name": "two\nlines"}, "#/name"),
            ({"name": "nul\u0000"}, "#/name"),
            ({"name": 7}, "#/name"),
            ({"name": "x", "description": "x" * 10_001}, "#/description"),
            ({"name": "x", "description": "\u0000"}, "#/description"),
            ({"name": "x", "description": "\u001b[2J"}, "#/description"),
            ({"name": "x", "status": "sold"}, "#/status"),
            ({"name": "x", "status": None}, "#/status"),
            ({"name": "x", "owner_id": str(uuid4())}, "#/owner_id"),
            ({"name": "x", "id": 1}, "#/id"),
            ({"name": "x", "version": 9}, "#/version"),
            ({"name": "x", "search_text": "y"}, "#/search_text"),
        ],
    )
    async def test_an_invalid_item_is_refused(self, ada: Person, body: dict[str, Any], pointer: str) -> None:
        response = await ada.http.post(ITEMS, json=body)

        assert {found for found, _ in expect.reasons(response)} == {pointer}

    async def test_create_needs_authentication(self, client: AsyncClient) -> None:
        expect.problem(await client.post(ITEMS, json={"name": "x"}), 401, "not_authenticated")


class TestRead:
    async def test_other_users_can_read_active_items_only(self, api: Api, ada: Person, bob: Person) -> None:
        answers = {}
        for status in ("draft", "active", "archived"):
            public_id = await add_item(api, bob.user, status=status)
            answers[status] = (await ada.http.get(f"{ITEMS}/{public_id}")).status_code
            assert (await bob.http.get(f"{ITEMS}/{public_id}")).status_code == 200

        assert answers == {"draft": 404, "active": 200, "archived": 404}

    async def test_an_unknown_id_is_404(self, ada: Person) -> None:
        expect.problem(await ada.http.get(f"{ITEMS}/{uuid4()}"), 404, "not_found")

    async def test_the_id_may_be_upper_case_or_without_dashes(self, api: Api, ada: Person) -> None:
        public_id = await add_item(api, ada.user)

        for spelling in (str(public_id).upper(), public_id.hex):
            assert (await ada.http.get(f"{ITEMS}/{spelling}")).json()["id"] == str(public_id)


class TestUpdate:
    async def test_update_changes_only_the_given_members(self, api: Api, ada: Person) -> None:
        path = f"{ITEMS}/{await add_item(api, ada.user, name='Lamp', description='bright')}"
        before = (await ada.http.get(path)).json()

        response = await ada.http.patch(path, json={"name": "Torch", "status": "archived"})

        assert response.status_code == 200
        after = (await ada.http.get(path)).json()
        assert response.json() == after
        assert (after["name"], after["description"], after["status"]) == ("Torch", "bright", "archived")
        assert after["updated_at"] > before["updated_at"]
        assert after["created_at"] == before["created_at"]

    async def test_null_clears_the_description(self, api: Api, ada: Person) -> None:
        path = f"{ITEMS}/{await add_item(api, ada.user, description='bright')}"

        response = await ada.http.patch(path, json={"description": None})

        assert response.json()["description"] is None
        assert (await ada.http.get(path)).json()["description"] is None

    @pytest.mark.parametrize("body", [{"name": None}, {"status": None}, {"name": ""}, {"owner_id": None}, {"x": 1}])
    async def test_invalid_and_read_only_members_are_refused(self, api: Api, ada: Person, body: dict[str, Any]) -> None:
        path = f"{ITEMS}/{await add_item(api, ada.user)}"
        before = await ada.http.get(path)

        response = await ada.http.patch(path, json=body)

        assert {pointer for pointer, _ in expect.reasons(response)} == {f"#/{next(iter(body))}"}
        assert (await ada.http.get(path)).json() == before.json()

    async def test_an_empty_update_changes_nothing(self, api: Api, ada: Person) -> None:
        path = f"{ITEMS}/{await add_item(api, ada.user)}"
        before = await ada.http.get(path)

        response = await ada.http.patch(path, json={})

        assert (response.json(), response.headers["etag"]) == (before.json(), before.headers["etag"])


class TestOwnership:
    @pytest.mark.parametrize(("status", "expected"), [("active", 403), ("draft", 404), ("archived", 404)])
    async def test_other_users_cannot_change_an_item(
        self, api: Api, ada: Person, bob: Person, status: str, expected: int
    ) -> None:
        path = f"{ITEMS}/{await add_item(api, bob.user, status=status)}"
        before = (await bob.http.get(path)).json()

        answers = [await ada.http.patch(path, json={"name": "Mine"}), await ada.http.delete(path)]

        for answer in answers:
            expect.problem(answer, expected, "not_the_owner" if expected == 403 else "not_found")
        assert (await bob.http.get(path)).json() == before

    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
    async def test_a_draft_of_another_user_looks_like_an_unknown_id(
        self, api: Api, ada: Person, bob: Person, method: str
    ) -> None:
        draft = await add_item(api, bob.user, status="draft")
        body: dict[str, str] | None = {} if method == "PATCH" else None

        hidden, unknown = [
            expect.problem(await ada.http.request(method, f"{ITEMS}/{name}", json=body), 404, "not_found")
            for name in (draft, uuid4())
        ]

        assert hidden.keys() == unknown.keys()
        assert hidden["detail"] == unknown["detail"]

    async def test_deleting_the_account_deletes_its_items(self, api: Api, ada: Person, bob: Person) -> None:
        path = f"{ITEMS}/{await add_item(api, bob.user)}"

        await bob.http.delete("/api/v1/users/me")

        expect.problem(await ada.http.get(path), 404, "not_found")


class TestDelete:
    async def test_a_deleted_item_is_404(self, api: Api, ada: Person) -> None:
        path = f"{ITEMS}/{await add_item(api, ada.user)}"

        response = await ada.http.delete(path)

        assert (response.status_code, response.content) == (204, b"")
        for again in (await ada.http.get(path), await ada.http.delete(path), await ada.http.patch(path, json={})):
            expect.problem(again, 404, "not_found")
