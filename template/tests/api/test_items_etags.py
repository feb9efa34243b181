"""Entity tags of items: a current copy is not sent again, and an update of an outdated copy is refused."""

import pytest

from tests import expect
from tests.factories.items import add_item
from tests.factories.users import Person
from tests.fixtures.applications import Api

OTHER = '"something-else"'


@pytest.fixture
async def path(api: Api, ada: Person) -> str:
    return f"/api/v1/items/{await add_item(api, ada.user)}"


@pytest.fixture
async def tag(ada: Person, path: str) -> str:
    found: str = (await ada.http.get(path)).headers["etag"]
    return found


class TestIfNoneMatch:
    @pytest.mark.parametrize("written", ["{tag}", "W/{tag}", "*", '"x", {tag}', '{tag},"x"', ' "x" ,  W/{tag} '])
    async def test_a_current_tag_is_304(self, ada: Person, path: str, tag: str, written: str) -> None:
        response = await ada.http.get(path, headers={"If-None-Match": written.format(tag=tag)})

        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == tag
        assert response.headers["x-request-id"]

    async def test_all_if_none_match_headers_are_read(self, ada: Person, path: str, tag: str) -> None:
        response = await ada.http.get(path, headers=[("If-None-Match", OTHER), ("If-None-Match", tag)])

        assert response.status_code == 304

    @pytest.mark.parametrize("written", [OTHER, "", "garbage", '"', "W/", "x{tag}", "w/{tag}", "{tag} or what"])
    async def test_another_or_malformed_tag_returns_the_item(
        self, ada: Person, path: str, tag: str, written: str
    ) -> None:
        response = await ada.http.get(path, headers={"If-None-Match": written.format(tag=tag)})

        assert response.status_code == 200
        assert response.headers["etag"] == tag

    async def test_an_outdated_tag_returns_the_new_item(self, ada: Person, path: str, tag: str) -> None:
        await ada.http.patch(path, json={"name": "Torch"})

        response = await ada.http.get(path, headers={"If-None-Match": tag})

        assert (response.status_code, response.json()["name"]) == (200, "Torch")
        assert response.headers["etag"] != tag

    async def test_any_tag_does_not_reveal_a_draft_of_another_user(self, api: Api, ada: Person, bob: Person) -> None:
        path = f"/api/v1/items/{await add_item(api, bob.user, status='draft')}"

        expect.problem(await ada.http.get(path, headers={"If-None-Match": "*"}), 404, "not_found")


class TestIfMatch:
    @pytest.mark.parametrize("written", ["{tag}", "*", '"x", {tag}'])
    async def test_an_update_with_the_current_tag_is_accepted(
        self, ada: Person, path: str, tag: str, written: str
    ) -> None:
        headers = {"If-Match": written.format(tag=tag)}

        response = await ada.http.patch(path, json={"name": "Torch"}, headers=headers)

        assert response.status_code == 200
        assert response.headers["etag"] != tag
        assert (await ada.http.get(path)).headers["etag"] == response.headers["etag"]

    async def test_all_if_match_headers_are_read(self, ada: Person, path: str, tag: str) -> None:
        headers = [("If-Match", OTHER), ("If-Match", tag)]

        assert (await ada.http.patch(path, json={"name": "Torch"}, headers=headers)).status_code == 200

    @pytest.mark.parametrize("written", [OTHER, "W/{tag}", "garbage", "x{tag}", "{tag} or what"])
    async def test_stale_if_match_is_412(self, ada: Person, path: str, tag: str, written: str) -> None:
        before, headers = (await ada.http.get(path)).json(), {"If-Match": written.format(tag=tag)}

        changed = await ada.http.patch(path, json={"name": "Torch"}, headers=headers)
        deleted = await ada.http.delete(path, headers=headers)

        expect.problem(changed, 412, "precondition_failed")
        expect.problem(deleted, 412, "precondition_failed")
        assert (await ada.http.get(path)).json() == before

    async def test_the_second_of_two_updates_with_the_same_tag_is_412(self, ada: Person, path: str, tag: str) -> None:
        first = await ada.http.patch(path, json={"name": "Torch"}, headers={"If-Match": tag})

        second = await ada.http.patch(path, json={"name": "Candle"}, headers={"If-Match": tag})

        assert first.status_code == 200
        expect.problem(second, 412, "precondition_failed")
        assert (await ada.http.get(path)).json()["name"] == "Torch"

    async def test_a_delete_with_the_current_tag_is_accepted(self, ada: Person, path: str, tag: str) -> None:
        assert (await ada.http.delete(path, headers={"If-Match": tag})).status_code == 204

    async def test_ownership_is_checked_before_the_tag(self, api: Api, ada: Person, bob: Person) -> None:
        path = f"/api/v1/items/{await add_item(api, bob.user)}"

        response = await ada.http.patch(path, json={"name": "Mine"}, headers={"If-Match": OTHER})

        expect.problem(response, 403, "not_the_owner")
