"""Links that are used at the same moment, or overtaken, on connections of their own."""

from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import update

from app.core.security.action_tokens import Action
from app.models.users import User
from tests import expect
from tests.factories.users import NEW_PASSWORD, PASSWORD, Person, add_user, registration, signed_in
from tests.fixtures.applications import Api
from tests.gates import at_once, gated, overtaken, statuses

AUTH = "/api/v1/auth"
NEW = "new@example.com"
LINKS: list[tuple[Action, str, dict[str, str]]] = [
    (Action.VERIFY_EMAIL, "/email/verify", {}),
    (Action.RESET_PASSWORD, "/password/reset", {"new_password": NEW_PASSWORD}),
    (Action.CHANGE_EMAIL, "/email/change", {}),
]


async def use(api: Api, action: Action, user: User) -> Response:
    """Use a new link of an account."""
    ((_, path, more),) = [link for link in LINKS if link[0] == action]
    token = api.components.action_tokens.issue(action, user, NEW)
    return await (await api.client()).post(AUTH + path, json={"token": token, **more})


async def login(api: Api, email: str, password: str = PASSWORD) -> Response:
    return await (await api.client()).post(f"{AUTH}/login", json={"email": email, "password": password})


class TestOneLink:
    @pytest.mark.parametrize(("action", "path", "more"), LINKS)
    async def test_works_once_however_often_it_is_used_at_once(
        self, mailing_api: Api, action: Action, path: str, more: dict[str, str]
    ) -> None:
        user = await add_user(mailing_api)
        token = mailing_api.components.action_tokens.issue(action, user, NEW)
        client = await mailing_api.client()

        answers = await at_once(*(client.post(AUTH + path, json={"token": token, **more}) for _ in range(6)))

        assert statuses(answers) == [204] + [422] * 5


class TestOneAddress:
    async def test_goes_to_one_of_two_accounts(self, mailing_api: Api) -> None:
        users = [await add_user(mailing_api) for _ in range(3)]

        answers = await at_once(*(use(mailing_api, Action.CHANGE_EMAIL, user) for user in users))

        assert statuses(answers) == [204, 409, 409]
        assert (await login(mailing_api, NEW)).status_code == 200

    async def test_goes_to_a_change_or_to_a_registration(self, mailing_api: Api) -> None:
        user, client = await add_user(mailing_api), await mailing_api.client()

        changed, registered = await at_once(
            use(mailing_api, Action.CHANGE_EMAIL, user),
            client.post(f"{AUTH}/register", json=registration(email=NEW)),
        )

        assert (changed.status_code, registered.status_code) in {(204, 409), (409, 201)}


class TestOvertaken:
    @pytest.fixture
    def slow(self, mailing_api: Api) -> Api:
        return gated(mailing_api.settings, mailing_api.stack)

    async def test_login_by_a_reset_is_refused(self, mailing_api: Api, slow: Api) -> None:
        ada = await add_user(mailing_api)

        answer = await overtaken(login(slow, ada.email), slow, by=lambda: use(mailing_api, Action.RESET_PASSWORD, ada))

        expect.problem(answer, 401, "invalid_credentials")
        assert (await login(mailing_api, ada.email)).status_code == 401
        assert (await login(mailing_api, ada.email, NEW_PASSWORD)).status_code == 200

    @pytest.mark.parametrize("action", list(Action))
    @pytest.mark.parametrize("values", [{"is_active": False}, {"auth_epoch": 1}])
    async def test_link_by_a_change_of_the_account_is_refused(
        self, mailing_api: Api, slow: Api, action: Action, values: dict[str, Any]
    ) -> None:
        ada = await signed_in(mailing_api)

        async def change() -> None:
            async with mailing_api.database.write() as session:
                await session.execute(update(User).where(User.id == ada.user.id).values(**values))
                await session.commit()

        answer = await overtaken(use(slow, action, ada.user), slow, by=change)

        expect.problem(answer, 422, "invalid_action_token")

    @pytest.mark.parametrize("action", list(Action))
    async def test_link_by_the_end_of_the_account_is_refused(self, mailing_api: Api, slow: Api, action: Action) -> None:
        ada = await signed_in(mailing_api)

        answer = await overtaken(use(slow, action, ada.user), slow, by=lambda: self.leave(ada))

        expect.problem(answer, 422, "invalid_action_token")

    async def leave(self, ada: Person) -> None:
        assert (await ada.http.delete("/api/v1/users/me")).status_code == 204
