"""The server of the database stops, and comes back."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from tests import expect
from tests.factories.users import PASSWORD, signed_in
from tests.fixtures.targets import Serve

pytestmark = [pytest.mark.attack, pytest.mark.slow]

ME = "/api/v1/users/me"


class Cable:
    """The way to a database. Pulled out, it breaks all connections and takes no new ones, as a server that stopped."""

    def __init__(self, url: URL) -> None:
        self._database = url
        self._open: set[asyncio.StreamWriter] = set()
        self._port = 0

    @property
    def url(self) -> str:
        plugged = self._database.set(host="127.0.0.1", port=self._port, query={})
        return plugged.render_as_string(hide_password=False)

    async def plug_in(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def pull_out(self) -> None:
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        socket = self._database.query.get("host")
        onward, back = await (
            asyncio.open_unix_connection(str(Path(str(socket), ".s.PGSQL.5432")))
            if socket
            else asyncio.open_connection(self._database.host, self._database.port or 5432)
        )
        self._open |= {writer, back}
        await asyncio.gather(_pump(reader, back), _pump(onward, writer))
        self._open -= {writer, back}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest.fixture
async def cable(own_database_url: str) -> AsyncIterator[Cable]:
    plugged = Cable(make_url(own_database_url))
    await plugged.plug_in()
    yield plugged
    await plugged.pull_out()


class TestServerThatStopsAndComesBack:
    async def test_is_a_503_and_then_forgotten(self, serve: Serve, cable: Cable) -> None:
        target = await serve(served_database_url=cable.url)
        ada = await signed_in(target)
        assert await ada.is_signed_in()

        await cable.pull_out()
        began = time.monotonic()
        ready = await ada.http.get("/health/ready")

        assert time.monotonic() - began < 2
        assert ready.status_code == 503
        assert ready.json()["checks"]["database"] == "unavailable"
        assert (await ada.http.get("/health/live")).status_code == 200
        login = {"email": ada.email, "password": PASSWORD}
        for refused in (await ada.http.get(ME), await ada.http.post("/api/v1/auth/login", json=login)):
            expect.problem(refused, 503, "database_unavailable")

        await cable.plug_in()
        assert (await ada.http.get("/health/ready")).status_code == 200
        answers = await asyncio.gather(*(ada.http.patch(ME, json={"first_name": "Augusta"}) for _ in range(40)))
        assert {answer.status_code for answer in answers} == {200}
        assert await ada.can_refresh()
