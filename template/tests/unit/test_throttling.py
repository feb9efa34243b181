"""Rate limits, also while the shared storage is unavailable."""

import asyncio

import pytest

from app.core.config import ConfigurationError
from app.core.exceptions import Forbidden, TooManyRequests, Unavailable
from app.core.security.throttling import LOGIN_FAILURES, Throttle
from tests.fixtures.logs import Log
from tests.fixtures.settings import MakeSettings

# Nothing listens on port 9, the port of the discard service.
DOWN = "redis://127.0.0.1:9"


@pytest.fixture
def throttle(make_settings: MakeSettings) -> Throttle:
    return Throttle(make_settings(rate_limit_enabled=True))


async def fail(throttle: Throttle, *identifiers: str) -> None:
    with pytest.raises(Forbidden):
        async with throttle.failures(LOGIN_FAILURES, *identifiers):
            raise Forbidden


class TestFailures:
    async def test_the_attempt_after_five_failures_is_refused(self, throttle: Throttle) -> None:
        for _ in range(5):
            await fail(throttle, "ada", "192.0.2.1")

        with pytest.raises(TooManyRequests) as refused:
            await throttle.consume(LOGIN_FAILURES, "ada", "192.0.2.1")
        assert 0 < int(refused.value.response_headers["Retry-After"]) <= 900

    async def test_failures_with_other_identifiers_are_not_counted(self, throttle: Throttle) -> None:
        for _ in range(5):
            await fail(throttle, "ada", "192.0.2.1")

        await fail(throttle, "ada", "192.0.2.2")
        await fail(throttle, "bob", "192.0.2.1")
        await fail(throttle, "ada1", "92.0.2.1")

    async def test_success_is_not_counted(self, throttle: Throttle) -> None:
        for _ in range(20):
            async with throttle.failures(LOGIN_FAILURES, "ada"):
                pass

    async def test_unavailable_service_is_not_counted(self, throttle: Throttle) -> None:
        for _ in range(20):
            with pytest.raises(Unavailable):
                async with throttle.failures(LOGIN_FAILURES, "ada"):
                    raise Unavailable

    async def test_disconnected_client_is_counted(self, throttle: Throttle) -> None:
        for _ in range(5):
            with pytest.raises(asyncio.CancelledError):
                async with throttle.failures(LOGIN_FAILURES, "ada"):
                    raise asyncio.CancelledError

        with pytest.raises(TooManyRequests):
            await throttle.consume(LOGIN_FAILURES, "ada")

    async def test_simultaneous_attempts_are_counted_before_the_check(self, throttle: Throttle) -> None:
        working = 0

        async def guess() -> None:
            nonlocal working
            async with throttle.failures(LOGIN_FAILURES, "ada"):
                working += 1
                await asyncio.sleep(0)
                raise Forbidden

        outcomes = await asyncio.gather(*(guess() for _ in range(50)), return_exceptions=True)

        assert working == 5
        assert sum(isinstance(outcome, TooManyRequests) for outcome in outcomes) == 45

    async def test_nothing_is_counted_if_disabled(self, make_settings: MakeSettings) -> None:
        throttle = Throttle(make_settings())

        for _ in range(20):
            await fail(throttle, "ada")


class TestLaterFailures:
    async def test_right_attempts_at_once_are_not_limited(self, throttle: Throttle) -> None:
        async def attempt() -> None:
            async with throttle.later_failures(LOGIN_FAILURES, "ada"):
                await asyncio.sleep(0)

        await asyncio.gather(*(attempt() for _ in range(50)))

    async def test_an_attempt_after_five_failures_is_refused(self, throttle: Throttle) -> None:
        for _ in range(5):
            with pytest.raises(Forbidden):
                async with throttle.later_failures(LOGIN_FAILURES, "ada"):
                    raise Forbidden

        with pytest.raises(TooManyRequests):
            async with throttle.later_failures(LOGIN_FAILURES, "ada"):
                pytest.fail("the block must not run")

    async def test_unavailable_service_is_not_counted(self, throttle: Throttle) -> None:
        for _ in range(20):
            with pytest.raises(Unavailable):
                async with throttle.later_failures(LOGIN_FAILURES, "ada"):
                    raise Unavailable


class TestStorage:
    @pytest.mark.parametrize("uri", [DOWN, "redis+cluster://127.0.0.1:9", f"{DOWN}/0?unknown=parameter"])
    async def test_without_the_storage_the_process_counts_on_its_own(
        self, make_settings: MakeSettings, log: Log, uri: str
    ) -> None:
        throttle = Throttle(make_settings(rate_limit_enabled=True, rate_limit_storage_uri=uri))
        for _ in range(5):
            await fail(throttle, "ada")

        with pytest.raises(TooManyRequests):
            await throttle.consume(LOGIN_FAILURES, "ada")
        assert len(log.of("throttling.storage_unavailable")) == 1

    @pytest.mark.parametrize("uri", ["nothing://", "x", "redis", "somewhere://hunter2@localhost"])
    def test_unknown_storage_is_refused(self, make_settings: MakeSettings, uri: str) -> None:
        with pytest.raises(ConfigurationError, match="RATE_LIMIT_STORAGE_URI") as refused:
            Throttle(make_settings(rate_limit_storage_uri=uri))

        assert "hunter2" not in str(refused.value)
