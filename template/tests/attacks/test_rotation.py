"""Stolen refresh tokens, and refresh tokens that are used several times at once (RFC 9700, section 4.14.2)."""

import pytest
from httpx2 import AsyncClient, Response

from tests import expect
from tests.factories.sessions import count_sessions, time_passes
from tests.factories.users import Person, add_user, sign_in, signed_in
from tests.fixtures.targets import Serve
from tests.gates import at_once, statuses
from tests.targets import Target

pytestmark = pytest.mark.attack

AT_ONCE = 20
ROUNDS = 10


async def refresh(http: AsyncClient, token: str) -> Response:
    return await http.post("/api/v1/auth/refresh", json={"refresh_token": token})


async def crowd_refreshes(crowd: list[AsyncClient], token: str) -> list[Response]:
    """Send the same token on many connections at the same time."""
    return await at_once(*(refresh(http, token) for http in crowd))


async def is_dead(person: Person) -> bool:
    return not await person.is_signed_in() and not await person.can_refresh()


class TestSimultaneousRefreshes:
    @pytest.mark.slow
    async def test_with_a_grace_period_all_get_the_same_successor(self, scaled_target: Target) -> None:
        crowd, ada = await scaled_target.clients(AT_ONCE), await signed_in(scaled_target)

        for _ in range(ROUNDS):
            answers = await crowd_refreshes(crowd, ada.refresh_token)

            assert statuses(answers) == [200] * AT_ONCE
            assert len({answer.json()["refresh_token"] for answer in answers}) == 1
            ada.take(answers[0].json())
        assert await ada.is_signed_in()
        assert await count_sessions(scaled_target, ada.user) == 1

    @pytest.mark.slow
    async def test_without_a_grace_period_one_succeeds_and_the_family_ends(self, serve: Serve, workers: int) -> None:
        target = await serve(workers=workers, jwt_refresh_token_grace_seconds=0)
        crowd, user = await target.clients(AT_ONCE), await add_user(target)

        for _ in range(ROUNDS):
            ada = await sign_in(target, user)
            answers = await crowd_refreshes(crowd, ada.refresh_token)

            assert statuses(answers) == [200] + [401] * (AT_ONCE - 1)
            ada.take(next(answer.json() for answer in answers if answer.status_code == 200))
            assert await is_dead(ada)
        await target.output.has("auth.refresh.reused", ROUNDS)
        assert len(target.output.of("auth.refresh.reused")) == ROUNDS


class TestReuse:
    async def test_reuse_ends_the_family_although_the_response_is_401(self, target: Target) -> None:
        ada = await signed_in(target)
        other = await sign_in(target, ada.user)
        stolen = ada.refresh_token
        assert await ada.can_refresh()
        await time_passes(target, ada.user, seconds=11)

        expect.unauthorized(await ada.refresh(stolen), "refresh_token_reused")

        # The revocation was committed, not rolled back with the 401: the family is ended for every connection.
        expect.unauthorized(await ada.refresh(), "invalid_refresh_token")
        expect.unauthorized(await ada.http.get("/api/v1/users/me"))
        assert await other.is_signed_in()

    async def test_the_owners_refresh_after_a_thiefs_ends_the_family(self, target: Target) -> None:
        ada = await signed_in(target)
        thief = Person(ada.user, (await ada.refresh()).json(), await target.client())
        assert await thief.can_refresh()

        expect.unauthorized(await ada.refresh(), "refresh_token_reused")

        assert await is_dead(thief)

    @pytest.mark.slow
    async def test_reuse_at_the_same_time_as_a_refresh_ends_the_family(self, scaled_target: Target) -> None:
        crowd, user = await scaled_target.clients(6), await add_user(scaled_target)

        for turn in range(ROUNDS):
            ada = await sign_in(scaled_target, user)
            stale = ada.refresh_token
            assert await ada.can_refresh()
            assert await ada.can_refresh()
            tokens = [stale, ada.refresh_token] * 3
            answers = await at_once(
                *(refresh(http, token) for http, token in zip(crowd, tokens[turn % 2 :], strict=False))
            )

            for answer in answers:
                if answer.status_code == 200:
                    ada.take(answer.json())
            assert await is_dead(ada)

    async def test_reuse_is_detected_after_a_cleanup(self, serve: Serve) -> None:
        target = await serve()
        ada = await signed_in(target)
        stolen = ada.refresh_token
        assert await ada.can_refresh()
        await time_passes(target, seconds=11)

        await target.command("cleanup-tokens", "--retention-days", "0")

        expect.unauthorized(await ada.refresh(stolen), "refresh_token_reused")
        assert await is_dead(ada)


class TestGrace:
    async def test_the_grace_period_covers_one_generation(self, target: Target) -> None:
        ada = await signed_in(target)
        first = ada.refresh_token
        assert await ada.can_refresh()
        assert await ada.can_refresh()

        expect.unauthorized(await ada.refresh(first), "refresh_token_reused")
        assert await is_dead(ada)

    async def test_using_the_grace_period_does_not_extend_it(self, target: Target) -> None:
        ada = await signed_in(target)
        first = ada.refresh_token
        assert await ada.can_refresh()
        for _ in range(2):
            await time_passes(target, ada.user, seconds=4)
            assert (await ada.refresh(first)).status_code == 200
        await time_passes(target, ada.user, seconds=4)

        expect.unauthorized(await ada.refresh(first), "refresh_token_reused")


class TestSessionEnd:
    @pytest.mark.slow
    async def test_logout_all_also_ends_simultaneous_refreshes(self, scaled_target: Target) -> None:
        crowd, user = await scaled_target.clients(8), await add_user(scaled_target)

        for _ in range(ROUNDS):
            ada = await sign_in(scaled_target, user)
            ending, *answers = await at_once(
                ada.http.post("/api/v1/auth/logout-all"), *(refresh(http, ada.refresh_token) for http in crowd)
            )

            assert ending.status_code == 200
            for answer in answers:
                if answer.status_code == 200:
                    ada.take(answer.json())
                    assert await is_dead(ada)
            assert await is_dead(ada)

    async def test_a_session_ends_after_30_days_despite_refreshes(self, target: Target) -> None:
        ada = await signed_in(target)
        for _ in range(4):
            await time_passes(target, ada.user, days=7)
            assert await ada.can_refresh()
        await time_passes(target, ada.user, days=3)

        expect.unauthorized(await ada.refresh(), "invalid_refresh_token")
        assert not await ada.is_signed_in()

    async def test_a_session_ends_after_14_days_without_use(self, target: Target) -> None:
        ada = await signed_in(target)
        await time_passes(target, ada.user, days=14.1)

        expect.unauthorized(await ada.refresh(), "invalid_refresh_token")
        assert not await ada.is_signed_in()
