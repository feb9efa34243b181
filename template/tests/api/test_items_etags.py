"""Entity tags of items: nobody is sent what they have, nobody overwrites what they have not seen."""

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
    async def test_a_current_copy_is_not_sent_again(self, ada: Person, path: str, tag: str, written: str) -> None:
        response = await ada.http.get(path, headers={"If-None-Match": written.format(tag=tag)})

        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == tag
        assert response.headers["x-request-id"]

    async def test_is_read_from_all_its_lines(self, ada: Person, path: str, tag: str) -> None:
        response = await ada.http.get(path, headers=[("If-None-Match", OTHER), ("If-None-Match", tag)])

        assert response.status_code == 304

    @pytest.mark.parametrize("written", [OTHER, "", "garbage", '"', "W/", "x{tag}", "w/{tag}", "{tag} or what"])
    async def test_any_other_is(self, ada: Person, path: str, tag: str, written: str) -> None:
        response = await ada.http.get(path, headers={"If-None-Match": written.format(tag=tag)})

        assert response.status_code == 200
        assert response.headers["etag"] == tag

    async def test_an_old_copy_is_replaced(self, ada: Person, path: str, tag: str) -> None:
        await ada.http.patch(path, json={"name": "Torch"})

        response = await ada.http.get(path, headers={"If-None-Match": tag})

        assert (response.status_code, response.json()["name"]) == (200, "Torch")
        assert response.headers["etag"] != tag

    async def test_does_not_tell_strangers_that_it_exists(self, api: Api, ada: Person, bob: Person) -> None:
        path = f"/api/v1/items/{await add_item(api, bob.user, status='draft')}"

        expect.problem(await ada.http.get(path, headers={"If-None-Match": "*"}), 404, "not_found")


class TestIfMatch:
    @pytest.mark.parametrize("written", ["{tag}", "*", '"x", {tag}'])
    async def test_a_current_copy_may_be_changed(self, ada: Person, path: str, tag: str, written: str) -> None:
        headers = {"If-Match": written.format(tag=tag)}

        response = await ada.http.patch(path, json={"name": "Torch"}, headers=headers)

        assert response.status_code == 200
        assert response.headers["etag"] != tag
        assert (await ada.http.get(path)).headers["etag"] == response.headers["etag"]

    async def test_is_read_from_all_its_lines(self, ada: Person, path: str, tag: str) -> None:
        headers = [("If-Match", OTHER), ("If-Match", tag)]

        assert (await ada.http.patch(path, json={"name": "Torch"}, headers=headers)).status_code == 200

    @pytest.mark.parametrize("written", [OTHER, "W/{tag}", "garbage", "x{tag}", "{tag} or what"])
    async def test_any_other_may_not(self, ada: Person, path: str, tag: str, written: str) -> None:
        before, headers = (await ada.http.get(path)).json(), {"If-Match": written.format(tag=tag)}

        changed = await ada.http.patch(path, json={"name": "Torch"}, headers=headers)
        deleted = await ada.http.delete(path, headers=headers)

        expect.problem(changed, 412, "precondition_failed")
        expect.problem(deleted, 412, "precondition_failed")
        assert (await ada.http.get(path)).json() == before

    async def test_of_two_changes_of_the_same_copy_one_is_refused(self, ada: Person, path: str, tag: str) -> None:
        first = await ada.http.patch(path, json={"name": "Torch"}, headers={"If-Match": tag})

        second = await ada.http.patch(path, json={"name": "Candle"}, headers={"If-Match": tag})

        assert first.status_code == 200
        expect.problem(second, 412, "precondition_failed")
        assert (await ada.http.get(path)).json()["name"] == "Torch"

    async def test_a_current_copy_may_be_deleted(self, ada: Person, path: str, tag: str) -> None:
        assert (await ada.http.delete(path, headers={"If-Match": tag})).status_code == 204

    async def test_ownership_comes_first(self, api: Api, ada: Person, bob: Person) -> None:
        path = f"/api/v1/items/{await add_item(api, bob.user)}"

        response = await ada.http.patch(path, json={"name": "Mine"}, headers={"If-Match": OTHER})

        expect.problem(response, 403, "not_the_owner")
