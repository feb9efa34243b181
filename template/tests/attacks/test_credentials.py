"""Password changes and deleted accounts, with simultaneous logins."""

from collections.abc import Awaitable, Callable

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import update

from app.models.users import User
from tests import expect
from tests.attacks.operations import PROTECTED
from tests.factories.users import NEW_PASSWORD, PASSWORD, Person, add_user, registration, sign_in, signed_in
from tests.fixtures.targets import Serve
from tests.gates import at_once, statuses
from tests.targets import Target

pytestmark = pytest.mark.attack

ROUNDS = 10
LOGIN = "/api/v1/auth/login"
CHANGE = "/api/v1/users/me/change-password"
CHANGED = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}


async def login(http: AsyncClient, user: User, password: str = PASSWORD) -> Response:
    return await http.post(LOGIN, json={"email": user.email, "password": password})


async def is_dead(target: Target, user: User, answer: Response) -> bool:
    """Whether a response has no tokens, or only tokens that are refused."""
    if answer.status_code != 200:
        return True
    person = Person(user, answer.json(), await target.client())
    return not await person.is_signed_in() and not await person.can_refresh()


class TestChangePassword:
    @pytest.mark.slow
    async def test_a_new_password_ends_simultaneous_logins(self, serve: Serve, workers: int) -> None:
        target = await serve(workers=workers, argon2_memory_cost=1024)
        crowd = await target.clients(8)

        for _ in range(ROUNDS):
            ada = await signed_in(target)
            changed, *answers = await at_once(
                ada.http.post(CHANGE, json=CHANGED), *(login(http, ada.user) for http in crowd)
            )

            assert changed.status_code == 200
            assert [await is_dead(target, ada.user, answer) for answer in answers] == [True] * len(crowd)
            ada.take(changed.json())
            assert await ada.is_signed_in()

    @pytest.mark.slow
    async def test_only_one_of_several_simultaneous_changes_is_accepted(self, scaled_target: Target) -> None:
        passwords = [f"{NEW_PASSWORD} of number {number}" for number in range(4)]
        stranger = await scaled_target.client()

        for _ in range(ROUNDS):
            user = await add_user(scaled_target)
            devices = [await sign_in(scaled_target, user) for _ in passwords]
            answers = await at_once(
                *(
                    device.http.post(CHANGE, json={**CHANGED, "new_password": password})
                    for device, password in zip(devices, passwords, strict=True)
                )
            )

            assert [answer.status_code for answer in answers].count(200) == 1
            opened = [(await login(stranger, user, password)).status_code for password in (PASSWORD, *passwords)]
            assert sorted(opened) == [200, 401, 401, 401, 401]
            assert opened[0] == 401


async def delete(ada: Person, _: Target) -> None:
    assert (await ada.http.delete("/api/v1/users/me")).status_code == 204


async def disable(ada: Person, target: Target) -> None:
    async with target.database.write() as session:
        await session.execute(update(User).where(User.id == ada.user.id).values(is_active=False))
        await session.commit()


class TestDeletedOrDisabledAccount:
    @pytest.mark.parametrize("end", [delete, disable])
    async def test_all_tokens_of_the_account_are_refused(
        self, target: Target, end: Callable[..., Awaitable[None]]
    ) -> None:
        ada = await signed_in(target)
        await end(ada, target)

        for operation in PROTECTED:
            expect.unauthorized(await operation.on(ada.http, json={}))
        expect.unauthorized(await ada.refresh(), "invalid_refresh_token")
        expect.problem(await login(await target.client(), ada.user), 401, "invalid_credentials")


class TestRegister:
    @pytest.mark.slow
    async def test_simultaneous_registrations_of_one_address_in_any_case_create_one_account(
        self, scaled_target: Target
    ) -> None:
        crowd = await scaled_target.clients(12)
        spellings = ["eve@example.com", "EVE@example.com", "Eve@Example.Com"] * 4

        answers = await at_once(
            *(
                http.post("/api/v1/auth/register", json=registration(email=email))
                for http, email in zip(crowd, spellings, strict=True)
            )
        )

        assert statuses(answers) == [201] + [409] * 11
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"email_taken"}
