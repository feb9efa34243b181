"""Items that several requests want at once, on connections of their own."""

from tests import expect
from tests.factories.items import add_item
from tests.factories.users import Person
from tests.fixtures.applications import Api
from tests.races.gates import at_once, gated, overtaken, statuses

ROUNDS = 5


class TestSimultaneousChanges:
    async def test_of_the_same_copy_let_one_through(self, real_api: Api, real_ada: Person) -> None:
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

    async def test_without_a_tag_all_come_through(self, real_api: Api, real_ada: Person) -> None:
        path = f"/api/v1/items/{await add_item(real_api, real_ada.user)}"

        answers = await at_once(*(real_ada.http.patch(path, json={"name": f"{n}"}) for n in range(8)))

        assert statuses(answers) == [200] * 8

    async def test_and_deletions_end_with_nothing(self, real_api: Api, real_ada: Person) -> None:
        for _ in range(ROUNDS):
            path = f"/api/v1/items/{await add_item(real_api, real_ada.user)}"

            changed, deleted, again = await at_once(
                real_ada.http.patch(path, json={"name": "x"}), real_ada.http.delete(path), real_ada.http.delete(path)
            )

            assert statuses([deleted, again]) == [204, 404]
            assert changed.status_code in {200, 404}
            expect.problem(await real_ada.http.get(path), 404, "not_found")


class TestOwnerWhoIsLeaving:
    async def test_creates_nothing(self, real_api: Api, real_ada: Person) -> None:
        slow = gated(real_api.settings, real_api.stack)
        http = await slow.client(headers={"Authorization": f"Bearer {real_ada.access_token}"})

        creating = http.post("/api/v1/items", json={"name": "Lamp"})
        answer = await overtaken(creating, slow, by=lambda: real_ada.http.delete("/api/v1/users/me"))

        expect.unauthorized(answer)
