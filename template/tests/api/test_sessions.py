"""GET /api/v1/auth/sessions and DELETE /api/v1/auth/sessions/{public_id}."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests import expect
from tests.factories.sessions import time_passes
from tests.factories.users import Person, sign_in
from tests.fixtures.applications import Api

SESSIONS = "/api/v1/auth/sessions"


async def sessions_of(person: Person) -> list[dict[str, Any]]:
    response = await person.http.get(SESSIONS)
    assert response.status_code == 200
    results: list[dict[str, Any]] = response.json()["results"]
    return results


class TestListSessions:
    async def test_shows_devices_newest_first(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user, ip="2001:db8::7", headers={"User-Agent": "phone/1"})

        newest, oldest = await sessions_of(phone)

        assert set(newest) == {"id", "created_at", "last_used_at", "expires_at", "ip", "user_agent", "current"}
        assert (newest["ip"], newest["user_agent"], newest["current"]) == ("2001:db8::7", "phone/1", True)
        assert (oldest["ip"], oldest["current"]) == ("127.0.0.1", False)

    async def test_shows_no_others(self, ada: Person, bob: Person) -> None:
        assert len(await sessions_of(ada)) == 1
        assert (await sessions_of(ada))[0]["id"] != (await sessions_of(bob))[0]["id"]

    async def test_shows_no_dead_ones(self, api: Api, ada: Person) -> None:
        phone, tablet = await sign_in(api, ada.user), await sign_in(api, ada.user)
        await phone.http.post("/api/v1/auth/logout")
        assert len(await sessions_of(tablet)) == 2
        await time_passes(api, days=15)
        laptop = await sign_in(api, ada.user)

        assert len(await sessions_of(laptop)) == 1

    async def test_moves_with_each_refresh(self, api: Api, ada: Person) -> None:
        await time_passes(api, days=1)
        [before] = await sessions_of(ada)
        assert await ada.can_refresh()

        [after] = await sessions_of(ada)

        assert after["id"] == before["id"]
        assert after["created_at"] == before["created_at"]
        assert after["last_used_at"] > before["last_used_at"]
        assert after["expires_at"] > before["expires_at"]

    async def test_shows_where_from_but_does_not_store_it_readably(self, api: Api, ada: Person) -> None:
        await sign_in(api, ada.user, ip="203.0.113.77", headers={"User-Agent": "a very personal browser"})

        async with api.database.read() as session:
            rows = (await session.execute(text("SELECT * FROM sessions"))).all()

        assert "203.0.113.77" in str(await sessions_of(ada))
        assert "203.0.113.77" not in str(rows)
        assert "personal" not in str(rows)

    async def test_keeps_a_long_user_agent_short(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user, headers={"User-Agent": "x" * 5000})

        assert len((await sessions_of(phone))[0]["user_agent"]) <= 512


class TestEndSession:
    async def test_signs_another_device_out(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)
        public_id = (await sessions_of(ada))[0]["id"]

        response = await ada.http.delete(f"{SESSIONS}/{public_id}")

        assert (response.status_code, response.content) == (204, b"")
        expect.unauthorized(await phone.http.get("/api/v1/users/me"))
        expect.unauthorized(await phone.refresh(), "invalid_refresh_token")
        assert await ada.is_signed_in()

    async def test_may_be_ones_own(self, ada: Person) -> None:
        public_id = (await sessions_of(ada))[0]["id"]

        assert (await ada.http.delete(f"{SESSIONS}/{public_id}")).status_code == 204
        assert not await ada.is_signed_in()

    async def test_of_somebody_else_is_not_there(self, ada: Person, bob: Person) -> None:
        public_id = (await sessions_of(bob))[0]["id"]

        response = await ada.http.delete(f"{SESSIONS}/{public_id}")

        expect.problem(response, 404, "not_found")
        assert await bob.is_signed_in()

    async def test_that_never_was_is_not_there(self, ada: Person) -> None:
        expect.problem(await ada.http.delete(f"{SESSIONS}/{uuid4()}"), 404, "not_found")

    async def test_that_has_ended_is_not_there(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)
        public_id = (await sessions_of(ada))[0]["id"]
        await phone.http.post("/api/v1/auth/logout")

        expect.problem(await ada.http.delete(f"{SESSIONS}/{public_id}"), 404, "not_found")

    @pytest.mark.parametrize("spell", [str.upper, lambda text: text.replace("-", "")])
    async def test_knows_its_id_in_other_spellings(self, ada: Person, spell: Any) -> None:
        public_id = (await sessions_of(ada))[0]["id"]

        assert (await ada.http.delete(f"{SESSIONS}/{spell(public_id)}")).status_code == 204

    @pytest.mark.parametrize("spelling", ["urn:uuid:{}", "{{{}}}", " {}", "{}-"])
    async def test_knows_it_in_no_further_ones(self, ada: Person, spelling: str) -> None:
        public_id = spelling.format((await sessions_of(ada))[0]["id"])

        response = await ada.http.delete(f"{SESSIONS}/{quote(public_id)}")

        assert expect.reasons(response) == {("path:public_id", "uuid_parsing")}
        assert await ada.is_signed_in()

    @pytest.mark.parametrize("public_id", ["1", "0", "-1", "x", "None", "%00", "1e9", "%F0%9F%92%A9", "a" * 3000])
    async def test_by_anything_else_is_refused(self, ada: Person, public_id: str) -> None:
        response = await ada.http.delete(f"{SESSIONS}/{public_id}")

        assert expect.reasons(response) == {("path:public_id", "uuid_parsing")}
