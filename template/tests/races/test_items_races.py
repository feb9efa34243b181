"""Simultaneous requests for one item, each on its own connection."""

from tests import expect
from tests.factories.items import add_item
from tests.factories.users import Person
from tests.fixtures.applications import Api
from tests.gates import at_once, gated, overtaken, statuses

ROUNDS = 5


class TestSimultaneousChanges:
    async def test_only_one_of_several_updates_with_the_same_tag_is_accepted(
        self, real_api: Api, real_ada: Person
    ) -> None:
        path = f"/api/v1/items/{await add_item(real_api, real_ada.user)}"
        for turn in range(ROUNDS):
            tag = (await real_ada.http.get(path)).headers["etag"]

            names = [f"{turn}, {number}" for number in range(8)]
            headers = {"If-Match": tag}
            answers = await at_once(
                *(real_ada.http.patch(path, json={"name": name}, headers=headers) for name in names)
            )

            assert statuses(answers) == [200] + [412] * 7
            [kept] = [answer.json() for answer in answers if answer.status_code == 200]
            assert (await real_ada.http.get(path)).json() == kept

    async def test_all_updates_without_a_tag_are_accepted(self, real_api: Api, real_ada: Person) -> None:
        path = f"/api/v1/items/{await add_item(real_api, real_ada.user)}"

        answers = await at_once(*(real_ada.http.patch(path, json={"name": f"{n}"}) for n in range(8)))

        assert statuses(answers) == [200] * 8

    async def test_an_update_and_two_deletes_leave_no_item(self, real_api: Api, real_ada: Person) -> None:
        for _ in range(ROUNDS):
            path = f"/api/v1/items/{await add_item(real_api, real_ada.user)}"

            changed, deleted, again = await at_once(
                real_ada.http.patch(path, json={"name": "x"}), real_ada.http.delete(path), real_ada.http.delete(path)
            )

            assert statuses([deleted, again]) == [204, 404]
            assert changed.status_code in {200, 404}
            expect.problem(await real_ada.http.get(path), 404, "not_found")


class TestCreateDuringDeletionOfTheAccount:
    async def test_creating_an_item_for_a_deleted_account_is_409(self, real_api: Api, real_ada: Person) -> None:
        slow = gated(real_api.settings, real_api.stack)
        http = await slow.client(headers={"Authorization": f"Bearer {real_ada.access_token}"})

        creating = http.post("/api/v1/items", json={"name": "Lamp"})
        answer = await overtaken(creating, slow, by=lambda: real_ada.http.delete("/api/v1/users/me"))

        expect.problem(answer, 409, "conflict")
