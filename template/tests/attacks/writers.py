"""Clients that write until the server is killed, and record what was acknowledged."""

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable

from httpx2 import AsyncClient, TransportError
from sqlalchemy import select

from app.models.users import User
from tests.factories.users import Person, registration, signed_in
from tests.targets import PATIENCE, Target

ME = "/api/v1/users/me"
WRITERS = 12
# Set TEST_KILLS=50 before a release, or after changing how the database is used.
ROUNDS = int(os.environ.get("TEST_KILLS", "3"))

RecordProperty = Callable[[str, object], None]


class Interrupted(Exception):
    """The server was killed, or could not reach its database."""


class Writer:
    """A client that changes a name, registers accounts, signs out and refreshes, without a pause."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.name_sent = 0
        self.name_acknowledged = 0
        self.accounts: set[str] = set()
        self.ended: list[str] = []

    async def work(self, acknowledged: asyncio.Queue[None]) -> None:
        """Write until something fails."""
        steps = [self.change_name, self.register_and_sign_out, self.refresh]
        try:
            while True:
                for step in steps:
                    await step()
                    acknowledged.put_nowait(None)
        except (TransportError, Interrupted):
            return

    async def change_name(self) -> None:
        self.name_sent += 1
        await self._write("PATCH", ME, {"first_name": str(self.name_sent)})
        self.name_acknowledged = self.name_sent

    async def register_and_sign_out(self) -> None:
        account = registration()
        tokens = await self._write("POST", "/api/v1/auth/register", account)
        self.accounts.add(account["email"])
        await self._write("POST", "/api/v1/auth/logout", {"refresh_token": tokens["refresh_token"]}, signed_in=False)
        self.ended.append(tokens["refresh_token"])

    async def refresh(self) -> None:
        self.person.take(
            await self._write("POST", "/api/v1/auth/refresh", {"refresh_token": self.person.refresh_token})
        )

    async def lost_nothing(self, http: AsyncClient) -> None:
        """Check on a restarted server that every acknowledged write is there. Call it within the grace period."""
        self.person.http = http
        # If the response to the last refresh was lost, this is the token before the newest.
        assert await self.person.can_refresh()
        name = (await http.get(ME)).json()["first_name"]
        assert name in {str(self.name_acknowledged), str(self.name_sent)}
        for token in self.ended:
            assert (await self.person.refresh(token)).status_code == 401
        self.ended.clear()

    async def _write(self, method: str, path: str, body: dict[str, str], *, signed_in: bool = True) -> dict[str, str]:
        headers = {} if signed_in else {"Authorization": ""}
        response = await self.person.http.request(method, path, json=body, headers=headers)
        if response.status_code == 503:
            raise Interrupted
        assert response.is_success, response.text
        return dict(response.json()) if response.content else {}


async def write_while_killed(
    target: Target, kill: Callable[[Target], Awaitable[None]], start: Callable[[Target], Awaitable[Target]]
) -> int:
    """Kill and restart the server several times during writes. Return how many writes were acknowledged."""
    writers = [Writer(await signed_in(target)) for _ in range(WRITERS)]
    total = 0
    for _ in range(ROUNDS):
        acknowledged: asyncio.Queue[None] = asyncio.Queue()
        working = asyncio.gather(*(writer.work(acknowledged) for writer in writers))
        async with asyncio.timeout(PATIENCE):
            for _ in range(WRITERS + secrets.randbelow(10 * WRITERS)):
                await acknowledged.get()
                total += 1
            await kill(target)
            await working
        total += acknowledged.qsize()

        target = await start(target)
        await asyncio.gather(*[writer.lost_nothing(await target.client()) for writer in writers])
        async with target.database.read() as session:
            stored = set(await session.scalars(select(User.email)))
        assert set().union(*(writer.accounts for writer in writers)) <= stored
        assert target.output.of("auth.refresh.reused") == []
    return total
