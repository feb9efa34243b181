"""Guessing who has an account, and guessing passwords."""

import time
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from app.models.users import User
from tests.factories.users import PASSWORD, add_user, registration, signed_in
from tests.fixtures.targets import Serve
from tests.gates import at_once, statuses
from tests.targets import Target

pytestmark = pytest.mark.attack

LOGIN = "/api/v1/auth/login"
WRONG = "not the password of anybody here"
TRIES, MOST_TRIES = 9, 100
# Headers that differ between responses whatever the account is.
OF_THE_MOMENT = {"date", "x-request-id", "retry-after"}


async def guess(http: AsyncClient, email: str, password: str = WRONG, **options: Any) -> Response:
    return await http.post(LOGIN, json={"email": email, "password": password}, **options)


async def accounts(target: Target) -> dict[str, str]:
    """The addresses of every kind of account for which a login fails."""
    deleted = await signed_in(target)
    assert (await deleted.http.delete("/api/v1/users/me")).status_code == 204
    wrong, disabled = await add_user(target), await add_user(target, is_active=False)
    addresses = {"wrong": wrong.email, "disabled": disabled.email, "deleted": deleted.email}
    return {**addresses, "unknown": "nobody@example.com"}


def visible(answer: Response) -> tuple[int, dict[str, str], dict[str, object]]:
    headers = {name: value for name, value in answer.headers.items() if name not in OF_THE_MOMENT}
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    return answer.status_code, headers, body


class TestAccountEnumeration:
    async def test_the_response_does_not_reveal_who_has_an_account(self, target: Target) -> None:
        http = await target.client()

        answers = [await guess(http, email) for email in (await accounts(target)).values()]

        assert statuses(answers) == [401] * 4
        assert all(visible(answer) == visible(answers[0]) for answer in answers)

    @pytest.mark.slow
    async def test_the_rate_limit_does_not_reveal_who_has_an_account(self, serve: Serve) -> None:
        target = await serve(rate_limit_enabled=True)
        http = await target.client()

        for email in (await accounts(target)).values():
            answers = [await guess(http, email) for _ in range(6)]
            assert statuses(answers) == [401] * 5 + [429]
            assert int(answers[-1].headers["retry-after"]) > 0

    @pytest.mark.slow
    async def test_the_duration_does_not_reveal_who_has_an_account(self, serve: Serve) -> None:
        target = await serve(argon2_memory_cost=19456, argon2_time_cost=2)
        http, addresses = await target.client(), await accounts(target)

        # The shortest of many tries, in turns. Noise only makes a try longer, so more tries reduce it.
        best = dict.fromkeys(addresses, float("inf"))
        for tries in range(1, MOST_TRIES + 1):
            for kind, email in addresses.items():
                began = time.perf_counter()
                await guess(http, email)
                best[kind] = min(best[kind], time.perf_counter() - began)
            if tries >= TRIES and max(best.values()) < 1.5 * min(best.values()):
                break

        assert max(best.values()) < 1.5 * min(best.values()), best


@pytest.mark.slow
class TestPasswordGuesses:
    @pytest.fixture
    async def target(self, serve: Serve) -> Target:
        return await serve(rate_limit_enabled=True, argon2_memory_cost=1024)

    @pytest.fixture
    async def ada(self, target: Target) -> User:
        return await add_user(target)

    async def test_only_five_of_fifty_simultaneous_guesses_are_hashed(self, serve: Serve) -> None:
        target = await serve(rate_limit_enabled=True, argon2_memory_cost=65536, argon2_time_cost=6)
        # Fewer clients than the attempts that one address has for all accounts together.
        ada, crowd, answered = await add_user(target), await target.clients(25), []

        async def one(http: AsyncClient) -> Response:
            answer = await guess(http, ada.email)
            answered.append(answer.status_code)
            return answer

        await at_once(*(one(http) for http in crowd for _ in range(2)))

        # A hash takes longer than all the refusals without one.
        assert answered == [429] * 45 + [401] * 5
        await target.output.has('"auth.login.failed"', 5)
        assert len(target.output.of("auth.login.failed")) == 5

    async def test_guesses_from_another_address_do_not_lock_the_owner_out(
        self, target: Target, ada: User, elsewhere: str
    ) -> None:
        attacker, owner = await target.client(elsewhere), await target.client()
        for _ in range(6):
            await guess(attacker, ada.email)

        assert (await guess(attacker, ada.email, PASSWORD)).status_code == 429
        assert (await guess(owner, ada.email, PASSWORD)).status_code == 200

    async def test_forwarded_headers_of_an_untrusted_client_do_not_avoid_the_limit(
        self, target: Target, ada: User
    ) -> None:
        http = await target.client()
        names = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP"]

        answers = [
            await guess(http, ada.email, headers=dict.fromkeys(names, f"10.0.0.{number}")) for number in range(6)
        ]

        assert statuses(answers) == [401] * 5 + [429]

    async def test_other_spellings_of_the_address_count_for_the_same_account(self, target: Target, ada: User) -> None:
        http = await target.client()
        spellings = [ada.email, ada.email.upper(), ada.email.title(), f" {ada.email}", f"{ada.email} "]

        answers = [await guess(http, email) for email in spellings * 2]

        assert [answer.status_code for answer in answers].count(401) <= 5

    async def test_guesses_for_many_accounts_from_one_address_are_limited(self, target: Target) -> None:
        http = await target.client()

        answers = [await guess(http, f"nobody{number}@example.com") for number in range(31)]

        assert statuses(answers) == [401] * 30 + [429]

    async def test_guesses_with_a_stolen_access_token_are_limited(self, serve: Serve) -> None:
        target = await serve(rate_limit_enabled=True)
        ada = await signed_in(target)

        answers = [await ada.http.post("/api/v1/auth/reauthenticate", json={"password": WRONG}) for _ in range(6)]

        assert statuses(answers) == [403] * 5 + [429]

    async def test_registrations_from_one_address_are_limited(self, target: Target) -> None:
        http = await target.client()

        answers = [await http.post("/api/v1/auth/register", json=registration()) for _ in range(11)]

        assert statuses(answers) == [201] * 10 + [429]
