"""Guessing: who has an account, and what the password is."""

import time

import pytest
from httpx2 import AsyncClient, Response

from app.models.users import User
from tests.attacks.targets import Target
from tests.factories.users import PASSWORD, add_user, registration, signed_in
from tests.fixtures.targets import Serve
from tests.races.gates import at_once, statuses

pytestmark = pytest.mark.attack

LOGIN = "/api/v1/auth/login"
WRONG = "not the password of anybody here"
TRIES, MOST_TRIES = 9, 100
# Of a response, what the account could not have changed.
OF_THE_MOMENT = {"date", "x-request-id", "retry-after"}


async def guess(http: AsyncClient, email: str, password: str = WRONG, **options: object) -> Response:
    return await http.post(LOGIN, json={"email": email, "password": password}, **options)  # type: ignore[arg-type]


async def accounts(target: Target) -> dict[str, str]:
    """Addresses of every kind of account that lets nobody in."""
    deleted = await signed_in(target)
    assert (await deleted.http.delete("/api/v1/users/me")).status_code == 204
    wrong, disabled = await add_user(target), await add_user(target, is_active=False)
    addresses = {"wrong": wrong.email, "disabled": disabled.email, "deleted": deleted.email}
    return {**addresses, "unknown": "nobody@example.com"}


def visible(answer: Response) -> tuple[int, dict[str, str], dict[str, object]]:
    headers = {name: value for name, value in answer.headers.items() if name not in OF_THE_MOMENT}
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    return answer.status_code, headers, body


class TestWhoHasAnAccount:
    async def test_is_not_told_by_the_answer(self, target: Target) -> None:
        http = await target.client()

        answers = [await guess(http, email) for email in (await accounts(target)).values()]

        assert statuses(answers) == [401] * 4
        assert all(visible(answer) == visible(answers[0]) for answer in answers)

    @pytest.mark.slow
    async def test_is_not_told_by_the_throttle(self, serve: Serve) -> None:
        target = await serve(rate_limit_enabled=True)
        http = await target.client()

        for email in (await accounts(target)).values():
            answers = [await guess(http, email) for _ in range(6)]
            assert statuses(answers) == [401] * 5 + [429]
            assert int(answers[-1].headers["retry-after"]) > 0

    @pytest.mark.slow
    async def test_is_not_told_by_the_time(self, serve: Serve) -> None:
        target = await serve(argon2_memory_cost=19456, argon2_time_cost=2)
        http, addresses = await target.client(), await accounts(target)

        # The best of many tries, in turns: noise only ever adds, so it fades with each try, and what is told stays.
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

    async def test_fifty_at_once_reach_the_hash_five_times(self, serve: Serve) -> None:
        target = await serve(rate_limit_enabled=True, argon2_memory_cost=65536, argon2_time_cost=6)
        # Fewer than the attempts that one address has, whatever the account: five of these are about Ada.
        ada, crowd, answered = await add_user(target), await target.clients(25), []

        async def one(http: AsyncClient) -> Response:
            answer = await guess(http, ada.email)
            answered.append(answer.status_code)
            return answer

        await at_once(*(one(http) for http in crowd for _ in range(2)))

        # Whatever is hashed takes longer than all that is refused without.
        assert answered == [429] * 45 + [401] * 5
        await target.output.has('"auth.login.failed"', 5)
        assert len(target.output.of("auth.login.failed")) == 5

    async def test_of_another_address_lock_nobody_out(self, target: Target, ada: User, elsewhere: str) -> None:
        attacker, owner = await target.client(elsewhere), await target.client()
        for _ in range(6):
            await guess(attacker, ada.email)

        assert (await guess(attacker, ada.email, PASSWORD)).status_code == 429
        assert (await guess(owner, ada.email, PASSWORD)).status_code == 200

    async def test_are_not_hidden_by_forwarded_headers(self, target: Target, ada: User) -> None:
        http = await target.client()
        names = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP"]

        answers = [
            await guess(http, ada.email, headers=dict.fromkeys(names, f"10.0.0.{number}")) for number in range(6)
        ]

        assert statuses(answers) == [401] * 5 + [429]

    async def test_of_other_spellings_count_for_the_same_account(self, target: Target, ada: User) -> None:
        http = await target.client()
        spellings = [ada.email, ada.email.upper(), ada.email.title(), f" {ada.email}", f"{ada.email} "]

        answers = [await guess(http, email) for email in spellings * 2]

        assert [answer.status_code for answer in answers].count(401) <= 5

    async def test_of_many_accounts_end_too(self, target: Target) -> None:
        http = await target.client()

        answers = [await guess(http, f"nobody{number}@example.com") for number in range(31)]

        assert statuses(answers) == [401] * 30 + [429]

    async def test_of_a_signed_in_thief_end_too(self, serve: Serve) -> None:
        target = await serve(rate_limit_enabled=True)
        ada = await signed_in(target)

        answers = [await ada.http.post("/api/v1/auth/reauthenticate", json={"password": WRONG}) for _ in range(6)]

        assert statuses(answers) == [403] * 5 + [429]

    async def test_registrations_of_one_address_end(self, target: Target) -> None:
        http = await target.client()

        answers = [await http.post("/api/v1/auth/register", json=registration()) for _ in range(11)]

        assert statuses(answers) == [201] * 10 + [429]
