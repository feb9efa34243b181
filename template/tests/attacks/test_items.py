"""What is somebody else's, and searches that mean more than they say."""

import asyncio

import pytest

from tests import expect
from tests.attacks.targets import Target
from tests.factories.items import add_item
from tests.factories.users import Person, signed_in

pytestmark = pytest.mark.attack

ITEMS = "/api/v1/items"


@pytest.fixture
async def ada(target: Target) -> Person:
    return await signed_in(target)


class TestSomebodyElses:
    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
    async def test_draft_is_as_unknown_as_one_that_is_not_there(self, target: Target, ada: Person, method: str) -> None:
        bob = await signed_in(target)
        draft = await add_item(target, bob.user, status="draft")
        body: dict[str, str] | None = {} if method == "PATCH" else None

        hidden = await ada.http.request(method, f"{ITEMS}/{draft}", json=body)
        unknown = await ada.http.request(method, f"{ITEMS}/{ada.user.public_id}", json=body)

        assert expect.problem(hidden, 404, "not_found").keys() == expect.problem(unknown, 404, "not_found").keys()
        assert hidden.json()["detail"] == unknown.json()["detail"]

    async def test_item_cannot_be_taken_over(self, target: Target, ada: Person) -> None:
        bob = await signed_in(target)
        item = await add_item(target, bob.user)

        for body in ({"owner_id": str(ada.user.public_id)}, {"name": "mine", "owner_id": 1}, {"version": 0}):
            assert (await ada.http.patch(f"{ITEMS}/{item}", json=body)).status_code == 422
            assert (await ada.http.post(ITEMS, json={"name": "x", **body})).status_code == 422
        assert (await ada.http.patch(f"{ITEMS}/{item}", json={"name": "mine"})).status_code == 403
        assert (await ada.http.get(f"{ITEMS}/{item}")).json()["owner_id"] == str(bob.user.public_id)


class TestSearch:
    @pytest.mark.parametrize("wildcard", ["%", "_", "\\", "%%", "\\%", "[a-z]", "*", ".*", "'", '"', ";--"])
    async def test_takes_wildcards_literally(self, target: Target, ada: Person, wildcard: str) -> None:
        marked = await add_item(target, ada.user, name=f"before{wildcard}after")
        await add_item(target, ada.user, name="before-after")

        found = (await ada.http.get(f"{ITEMS}/search", params={"q": f"before{wildcard}after"})).json()["results"]

        assert [item["id"] for item in found] == [str(marked)]

    async def test_has_cursors_that_fit_no_other_search(self, target: Target, ada: Person) -> None:
        await asyncio.gather(*(add_item(target, ada.user, name="needle and haystack") for _ in range(2)))
        first = await ada.http.get(f"{ITEMS}/search", params={"q": "needle", "per_page": 1})
        cursor = first.json()["next_cursor"]

        assert (await ada.http.get(f"{ITEMS}/search", params={"q": "needle", "cursor": cursor})).status_code == 200
        for path, query in ((f"{ITEMS}/search", {"q": "haystack"}), (ITEMS, {}), (f"{ITEMS}/my", {})):
            refused = await ada.http.get(path, params={**query, "cursor": cursor})
            expect.problem(refused, 422, "invalid_cursor")


class TestLostUpdates:
    async def test_of_the_same_copy_let_one_through(self, target: Target, ada: Person) -> None:
        item = await add_item(target, ada.user)
        tag = (await ada.http.get(f"{ITEMS}/{item}")).headers["etag"]
        crowd = await target.clients(8, headers={"Authorization": f"Bearer {ada.access_token}", "If-Match": tag})

        answers = await asyncio.gather(
            *(http.patch(f"{ITEMS}/{item}", json={"name": f"of {number}"}) for number, http in enumerate(crowd))
        )

        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
