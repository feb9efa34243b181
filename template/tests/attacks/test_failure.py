"""Things that break, and people who leave in the middle."""

import asyncio
import json
import signal
import sys

import pytest
from sqlalchemy import select

from app.models.users import User
from tests.attacks.targets import Target
from tests.factories.users import PASSWORD, Person, add_user, signed_in
from tests.fixtures.targets import Serve

pytestmark = [pytest.mark.attack, pytest.mark.slow]

ME = "/api/v1/users/me"
REFRESH = "/api/v1/auth/refresh"
TIMES = 200


async def send_and_leave(target: Target, path: str, body: dict[str, str]) -> None:
    """Close the connection as soon as the request is out."""
    host, _, port = target.url.removeprefix("http://").partition(":")
    content = json.dumps(body).encode()
    headers = f"Host: x\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST {path} HTTP/1.1\r\n{headers}\r\n\r\n".encode() + content)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


class TestClientWhoLeft:
    async def test_in_the_middle_of_a_refresh_may_try_again(self, serve: Serve, workers: int) -> None:
        target = await serve(workers=workers)
        ada = await signed_in(target)

        for number in range(20):
            await send_and_leave(target, REFRESH, {"refresh_token": ada.refresh_token})
            assert await ada.can_refresh()
            # Whatever comes two generations late is reuse, so let both come to an end.
            await target.output.has(f'"path": "{REFRESH}"', 2 * (number + 1))
        assert await ada.is_signed_in()

    async def test_in_the_middle_of_a_login_leaves_no_connection_behind(self, serve: Serve) -> None:
        target = await serve(argon2_memory_cost=4096)
        ada = await signed_in(target)

        for _ in range(60):
            await send_and_leave(target, "/api/v1/auth/login", {"email": ada.email, "password": PASSWORD})

        answers = await asyncio.gather(*(ada.http.patch(ME, json={"first_name": "Augusta"}) for _ in range(40)))
        assert {answer.status_code for answer in answers} == {200}


class TestCommit:
    async def test_comes_before_the_answer(self, serve: Serve, workers: int) -> None:
        target = await serve(workers=workers)
        ada = await signed_in(target)
        other = Person(ada.user, {"access_token": ada.access_token, "refresh_token": ""}, await target.client())

        for number in range(TIMES):
            await ada.http.patch(ME, json={"first_name": f"Ada {number}"})
            assert (await other.http.get(ME)).json()["first_name"] == f"Ada {number}"


class TestEverybodyWaitsForOneRow:
    async def test_is_a_503_for_those_who_wait_too_long_and_ends(self, serve: Serve) -> None:
        target = await serve()
        ada, crowd = await signed_in(target), await target.clients(40)
        headers = {"Authorization": f"Bearer {ada.access_token}"}

        async with target.database.write() as session:
            await session.execute(select(User.id).where(User.id == ada.user.id).with_for_update())
            waiting = [
                asyncio.create_task(http.patch(ME, json={"first_name": "Augusta"}, headers=headers)) for http in crowd
            ]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            assert await ada.is_signed_in()
            assert (await ada.http.get("/health/live")).status_code == 200

        answers = await asyncio.gather(*waiting)
        assert {answer.status_code for answer in answers} <= {200, 503}
        assert 503 in {answer.status_code for answer in answers}
        assert (await ada.http.patch(ME, json={"first_name": "Augusta"})).status_code == 200


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGTERM")
class TestSigterm:
    async def test_during_a_login_lets_it_finish(self, serve: Serve) -> None:
        target = await serve(argon2_memory_cost=65536, argon2_time_cost=8)
        user, http, probe = await add_user(target), await target.client(), await target.client()
        for warmed in (http, probe):
            await warmed.get("/health/live")

        login = asyncio.create_task(http.post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD}))
        # Sent after the login and answered: the server has both, and the login goes on hashing.
        await probe.get("/health/live")
        assert not login.done()
        target.process.terminate()

        answer = await login
        assert answer.status_code == 200
        assert await target.process.wait() in {0, -signal.SIGTERM}
