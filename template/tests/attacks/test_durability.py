"""A write is stored before its response is sent, even if the application is killed right after."""

import pytest

from tests.attacks.writers import ROUNDS, RecordProperty, write_while_killed
from tests.fixtures.targets import Serve
from tests.targets import Target

pytestmark = [pytest.mark.attack, pytest.mark.slow]

GRACE = {"jwt_refresh_token_grace_seconds": 60}


async def kill(target: Target) -> None:
    target.process.kill()
    await target.stop()


class TestKilledApplication:
    async def test_a_killed_application_loses_no_acknowledged_write_and_no_session(
        self, serve: Serve, record_property: RecordProperty
    ) -> None:
        total = await write_while_killed(await serve(**GRACE), kill, lambda _: serve(**GRACE))

        record_property("acknowledged", total)
        assert total > ROUNDS
