"""The limit of simultaneous requests. tests/api/test_errors.py tests the limit of bodies."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.core.http import limits
from tests import expect
from tests.fixtures.applications import Api


class TestRequestLimit:
    async def test_requests_over_the_limit_are_503_until_one_has_finished(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_REQUESTS", 1)
        client, other = await api.client(), await api.client()
        running, finish = asyncio.Event(), asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            running.set()
            await finish.wait()
            yield b"{}"

        headers = {"Content-Type": "application/json"}
        first = asyncio.create_task(client.post("/api/v1/auth/login", content=body(), headers=headers))
        await running.wait()
        refused = await other.get("/api/v1/users/me")
        probed = await other.get("/health/live")
        finish.set()

        expect.problem(refused, 503, "overloaded")
        assert int(refused.headers["retry-after"]) > 0
        assert probed.status_code == 200
        assert (await first).status_code == 422
        assert (await other.get("/api/v1/users/me")).status_code == 401
