"""Simultaneous refreshes, each on its own connection."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import update

from app.core.security.throttling import REFRESH_FAILURES
from app.db.database import Database
from app.db.types import utc_now
from app.models.sessions import Session
from tests import expect
from tests.factories.sessions import time_passes
from tests.factories.users import Person, signed_in
from tests.fixtures.applications import Api, start
from tests.fixtures.logs import Log
from tests.fixtures.settings import MakeSettings
from tests.gates import at_once, gated, overtaken, statuses

ROUNDS = 5
AT_ONCE = 20
GRACE = 1.0


@pytest.fixture
async def strict_api(make_settings: MakeSettings, own_database_url: str, stack: AsyncExitStack) -> Api:
    return await start(make_settings(database_url=own_database_url, jwt_refresh_token_grace_seconds=0), stack)


async def expire(api: Api) -> None:
    """Let all sessions expire now."""
    async with api.database.write() as session:
        await session.execute(update(Session).values(expires_at=utc_now()))
        await session.commit()


class TestWithGrace:
    async def test_all_simultaneous_refreshes_get_the_same_successor(self, real_ada: Person) -> None:
        for _ in range(ROUNDS):
            answers = await at_once(*(real_ada.refresh() for _ in range(AT_ONCE)))

            assert statuses(answers) == [200] * AT_ONCE
            assert len({answer.json()["refresh_token"] for answer in answers}) == 1
            assert len({answer.json()["access_token"] for answer in answers}) == AT_ONCE
            real_ada.take(answers[0].json())
            assert await real_ada.is_signed_in()

    async def test_simultaneous_reuse_after_the_grace_period_ends_the_family(
        self, real_api: Api, real_ada: Person
    ) -> None:
        stolen = real_ada.refresh_token
        assert await real_ada.can_refresh()
        await time_passes(real_api, seconds=11)

        answers = await at_once(*(real_ada.refresh(stolen) for _ in range(AT_ONCE)))

        assert statuses(answers) == [401] * AT_ONCE
        assert [answer.json()["code"] for answer in answers].count("refresh_token_reused") == 1
        assert not await real_ada.is_signed_in()
        assert not await real_ada.can_refresh()

    async def test_waiting_for_the_lock_does_not_use_up_the_grace_period(
        self, make_settings: MakeSettings, own_database_url: str, stack: AsyncExitStack
    ) -> None:
        """The request that waits longest must not be treated as reuse because of later requests."""
        settings = make_settings(database_url=own_database_url, jwt_refresh_token_grace_seconds=GRACE)
        api = await start(settings, stack)
        ada, other = await signed_in(api), Database(settings)
        stack.push_async_callback(other.close)

        async with other.write() as session:
            await session.execute(update(Session).values(last_used_at=Session.last_used_at))
            first = asyncio.create_task(ada.refresh())
            await asyncio.sleep(2 * GRACE)
            second = asyncio.create_task(ada.refresh())
            await asyncio.sleep(GRACE / 2)
        answers = [await first, await second, await ada.refresh()]

        assert statuses(answers) == [200, 200, 200]
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1

    async def test_the_grace_period_is_measured_until_the_request_arrives(
        self, make_settings: MakeSettings, own_database_url: str, stack: AsyncExitStack
    ) -> None:
        settings = make_settings(database_url=own_database_url, jwt_refresh_token_grace_seconds=GRACE)
        api = await start(settings, stack)
        ada, slow = await signed_in(api), gated(settings, stack)
        repeated = (await slow.client()).post("/api/v1/auth/refresh", json={"refresh_token": ada.refresh_token})

        async def rotate() -> None:
            assert (await ada.refresh()).status_code == 200
            await asyncio.sleep(1.2 * GRACE)

        assert (await overtaken(repeated, slow, by=rotate)).status_code == 200


class TestThrottle:
    async def test_successful_refreshes_at_once_are_not_limited(
        self, make_settings: MakeSettings, own_database_url: str, stack: AsyncExitStack
    ) -> None:
        """A frontend's server refreshes for many users, and has one address."""
        api = await start(make_settings(database_url=own_database_url, rate_limit_enabled=True), stack)
        ada = await signed_in(api)

        answers = await at_once(*(ada.refresh() for _ in range(REFRESH_FAILURES.amount + 20)))

        assert set(statuses(answers)) == {200}


class TestWithoutGrace:
    async def test_one_refresh_succeeds_and_the_family_ends(self, strict_api: Api) -> None:
        for _ in range(ROUNDS):
            ada = await signed_in(strict_api)

            answers = await at_once(*(ada.refresh() for _ in range(AT_ONCE)))

            assert statuses(answers) == [200] + [401] * (AT_ONCE - 1)
            assert [answer.json().get("code") for answer in answers].count("refresh_token_reused") == 1
            ada.take(next(answer.json() for answer in answers if answer.status_code == 200))
            assert not await ada.is_signed_in()
            assert not await ada.can_refresh()

    async def test_a_refresh_that_began_before_the_successful_one_ends_the_family(self, strict_api: Api) -> None:
        ada, slow = await signed_in(strict_api), gated(strict_api.settings, strict_api.stack)
        refreshing = (await slow.client()).post("/api/v1/auth/refresh", json={"refresh_token": ada.refresh_token})

        answer = await overtaken(refreshing, slow, by=ada.refresh)

        expect.unauthorized(answer, "refresh_token_reused")
        assert not await ada.is_signed_in()


class TestOldAndCurrentToken:
    async def test_the_family_ends_in_either_order(self, real_api: Api) -> None:
        for turn in range(2 * ROUNDS):
            ada = await signed_in(real_api)
            stale = ada.refresh_token
            for _ in range(2):
                assert await ada.can_refresh()
            tokens = [stale, ada.refresh_token] * 3

            answers = await at_once(*(ada.refresh(token) for token in tokens[turn % 2 :]))

            codes = [answer.json().get("code") for answer in answers]
            assert codes.count("refresh_token_reused") == 1
            for answer in answers:
                if answer.status_code == 200:
                    ada.take(answer.json())
            assert not await ada.is_signed_in()
            assert not await ada.can_refresh()


class TestSessionEndDuringARefresh:
    @pytest.mark.parametrize("ending", ["logout", "logout-all"])
    async def test_a_simultaneous_logout_ends_the_session(self, real_api: Api, ending: str) -> None:
        for _ in range(ROUNDS):
            ada = await signed_in(real_api)

            refreshed, ended = await at_once(ada.refresh(), ada.http.post(f"/api/v1/auth/{ending}"))

            assert ended.status_code in {200, 204}
            if refreshed.status_code == 200:
                ada.take(refreshed.json())
            assert not await ada.is_signed_in()
            assert not await ada.can_refresh()

    async def test_expiry_during_a_refresh_is_not_logged_as_a_future_generation(
        self, real_api: Api, real_ada: Person, log: Log
    ) -> None:
        api = gated(real_api.settings, real_api.stack)
        body = {"refresh_token": real_ada.refresh_token}
        refreshing = (await api.client()).post("/api/v1/auth/refresh", json=body)

        answer = await overtaken(refreshing, api, by=lambda: expire(real_api))

        expect.unauthorized(answer, "invalid_refresh_token")
        assert log.of("auth.refresh.from_the_future") == []

    @pytest.mark.parametrize("ending", ["logout", "logout-all"])
    async def test_a_logout_before_the_write_refuses_the_refresh(
        self, real_api: Api, real_ada: Person, ending: str
    ) -> None:
        api = gated(real_api.settings, real_api.stack)
        body = {"refresh_token": real_ada.refresh_token}
        refreshing = (await api.client()).post("/api/v1/auth/refresh", json=body)

        answer = await overtaken(refreshing, api, by=lambda: real_ada.http.post(f"/api/v1/auth/{ending}"))

        expect.unauthorized(answer, "invalid_refresh_token")
