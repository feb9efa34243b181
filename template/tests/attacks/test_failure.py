"""Clients that disconnect during a request, and requests that wait for a locked row."""

import asyncio
import json

import pytest
from sqlalchemy import select

from app.models.users import User
from tests.factories.users import PASSWORD, Person, signed_in
from tests.fixtures.targets import Serve
from tests.targets import Target

pytestmark = [pytest.mark.attack, pytest.mark.slow]

ME = "/api/v1/users/me"
REFRESH = "/api/v1/auth/refresh"
TIMES = 200


async def send_and_leave(target: Target, path: str, body: dict[str, str]) -> None:
    """Close the connection right after sending the request."""
    host, _, port = target.url.removeprefix("http://").partition(":")
    content = json.dumps(body).encode()
    headers = f"Host: x\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST {path} HTTP/1.1\r\n{headers}\r\n\r\n".encode() + content)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


class TestClientDisconnects:
    async def test_after_a_disconnect_the_refresh_can_be_repeated(self, serve: Serve, workers: int) -> None:
        target = await serve(workers=workers)
        ada = await signed_in(target)

        for number in range(20):
            await send_and_leave(target, REFRESH, {"refresh_token": ada.refresh_token})
            assert await ada.can_refresh()
            # A token that is two generations old is reuse, so wait until both requests have finished.
            await target.output.has(f'"path": "{REFRESH}"', 2 * (number + 1))
        assert await ada.is_signed_in()

    async def test_disconnects_during_logins_leave_no_connection_checked_out(self, serve: Serve) -> None:
        target = await serve(argon2_memory_cost=4096)
        ada = await signed_in(target)

        for _ in range(60):
            await send_and_leave(target, "/api/v1/auth/login", {"email": ada.email, "password": PASSWORD})

        answers = await asyncio.gather(*(ada.http.patch(ME, json={"first_name": "Augusta"}) for _ in range(40)))
        assert {answer.status_code for answer in answers} == {200}


class TestCommit:
    async def test_a_change_is_committed_before_the_response(self, scaled_target: Target) -> None:
        ada = await signed_in(scaled_target)
        other = Person(ada.user, {"access_token": ada.access_token, "refresh_token": ""}, await scaled_target.client())

        for number in range(TIMES):
            await ada.http.patch(ME, json={"first_name": f"Ada {number}"})
            assert (await other.http.get(ME)).json()["first_name"] == f"Ada {number}"


class TestLockedRow:
    async def test_requests_that_wait_too_long_are_503_and_later_ones_are_200(self, serve: Serve) -> None:
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
