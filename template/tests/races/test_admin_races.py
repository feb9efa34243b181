"""Administrators who act at the same moment, on connections of their own."""

from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import update

from app.models.users import User
from tests import expect
from tests.factories.users import Person, signed_in
from tests.fixtures.applications import Api
from tests.gates import at_once, gated, overtaken, statuses

USERS = "/api/v1/admin/users"
ME = "/api/v1/users/me"
ROUNDS = 5
DEMOTE: tuple[str, dict[str, Any] | None] = ("PATCH", {"role": "user"})
WAYS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "demote": DEMOTE,
    "disable": ("PATCH", {"is_active": False}),
    "delete": ("DELETE", None),
}


async def act(actor: Person, target: Person, way: tuple[str, dict[str, Any] | None]) -> Response:
    method, body = way
    return await actor.http.request(method, f"{USERS}/{target.user.public_id}", json=body)


async def no_admins(api: Api) -> None:
    """Begin a round without administrators."""
    async with api.database.write() as session:
        await session.execute(update(User).values(role="user"))
        await session.commit()


class TestLastTwo:
    @pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
    async def test_cannot_remove_each_other(self, real_api: Api, way: tuple[str, dict[str, Any] | None]) -> None:
        for _ in range(ROUNDS):
            await no_admins(real_api)
            first, second = await signed_in(real_api, role="admin"), await signed_in(real_api, role="admin")

            answers = await at_once(act(first, second, way), act(second, first, way))

            assert statuses(answers)[0] in {200, 204}
            # Whoever arrives after the other has finished is no administrator any more, or not signed in.
            assert statuses(answers)[1] in {401, 403, 409}
            left = [(await person.http.get(USERS)).status_code for person in (first, second)]
            assert left.count(200) == 1

    @pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
    async def test_the_one_who_comes_second_is_refused(
        self, real_api: Api, way: tuple[str, dict[str, Any] | None]
    ) -> None:
        """The slow request had read its caller's role, and not yet written, when the caller was demoted."""
        first, second = await signed_in(real_api, role="admin"), await signed_in(real_api, role="admin")
        slow = gated(real_api.settings, real_api.stack)
        http = await slow.client(headers={"Authorization": f"Bearer {second.access_token}"})
        waiting = http.request(way[0], f"{USERS}/{first.user.public_id}", json=way[1])

        answer = await overtaken(waiting, slow, by=lambda: act(first, second, way))

        expect.problem(answer, 409, "last_admin")
        assert (await first.http.get(USERS)).status_code == 200

    async def test_leave_one_when_both_delete_themselves(self, real_api: Api) -> None:
        first, second = await signed_in(real_api, role="admin"), await signed_in(real_api, role="admin")

        answers = await at_once(first.http.delete(ME), second.http.delete(ME))

        assert statuses(answers) == [204, 409]


class TestDemotedAdmin:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PATCH", "", {"role": "admin"}),
            ("PATCH", "", {"is_active": False}),
            ("POST", "/revoke-sessions", None),
            ("DELETE", "", None),
        ],
    )
    async def test_request_that_was_overtaken_is_refused(
        self, real_api: Api, real_admin: Person, real_ada: Person, method: str, path: str, body: dict[str, Any] | None
    ) -> None:
        demoted = await signed_in(real_api, role="admin")
        slow = gated(real_api.settings, real_api.stack)
        http = await slow.client(headers={"Authorization": f"Bearer {demoted.access_token}"})
        waiting = http.request(method, f"{USERS}/{real_ada.user.public_id}{path}", json=body)

        answer = await overtaken(waiting, slow, by=lambda: act(real_admin, demoted, DEMOTE))

        expect.problem(answer, 403, "forbidden")
        assert (await real_ada.http.get(ME)).json()["role"] == "user"
