"""The server of the database stops, and comes back."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from tests import expect
from tests.factories.users import PASSWORD, signed_in
from tests.fixtures.relays import Connection, Relay
from tests.fixtures.targets import Serve

pytestmark = [pytest.mark.attack, pytest.mark.slow]

ME = "/api/v1/users/me"


class Cable(Relay):
    """The way to a database, which can be pulled out."""

    def __init__(self, url: URL) -> None:
        super().__init__()
        self._database = url

    @property
    def url(self) -> str:
        return self._database.set(host="127.0.0.1", port=self.port, query={}).render_as_string(hide_password=False)

    async def connect(self) -> Connection:
        if socket := self._database.query.get("host"):
            return await asyncio.open_unix_connection(str(Path(str(socket), ".s.PGSQL.5432")))
        return await asyncio.open_connection(self._database.host, self._database.port or 5432)


@pytest.fixture
async def cable(own_database_url: str) -> AsyncIterator[Cable]:
    plugged = Cable(make_url(own_database_url))
    await plugged.open()
    yield plugged
    plugged.close()


class TestServerThatStopsAndComesBack:
    async def test_is_a_503_and_then_forgotten(self, serve: Serve, cable: Cable) -> None:
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
