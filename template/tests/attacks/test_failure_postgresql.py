"""The database server stops and starts again."""

import asyncio
import time

import pytest

from tests import expect
from tests.factories.users import PASSWORD, signed_in
from tests.fixtures.relays_postgresql import Cable
from tests.fixtures.targets import Serve

pytestmark = [pytest.mark.attack, pytest.mark.slow]

ME = "/api/v1/users/me"


class TestDatabaseServerRestart:
    async def test_requests_are_503_while_it_is_stopped_and_200_afterwards(self, serve: Serve, cable: Cable) -> None:
        target = await serve(served_database_url=cable.url)
        ada = await signed_in(target)
        assert await ada.is_signed_in()

        cable.close()
        began = time.monotonic()
        ready = await ada.http.get("/health/ready")

        assert time.monotonic() - began < 2
        assert ready.status_code == 503
        assert ready.json()["checks"]["database"] == "unavailable"
        assert (await ada.http.get("/health/live")).status_code == 200
        login = {"email": ada.email, "password": PASSWORD}
        for refused in (await ada.http.get(ME), await ada.http.post("/api/v1/auth/login", json=login)):
            expect.problem(refused, 503, "database_unavailable")

        await cable.open()
        assert (await ada.http.get("/health/ready")).status_code == 200
        answers = await asyncio.gather(*(ada.http.patch(ME, json={"first_name": "Augusta"}) for _ in range(40)))
        assert {answer.status_code for answer in answers} == {200}
        assert await ada.can_refresh()
