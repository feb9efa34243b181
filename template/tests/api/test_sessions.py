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
    async def test_the_list_shows_the_newest_session_first(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user, ip="2001:db8::7", headers={"User-Agent": "phone/1"})

        newest, oldest = await sessions_of(phone)

        assert set(newest) == {"id", "created_at", "last_used_at", "expires_at", "ip", "user_agent", "current"}
        assert (newest["ip"], newest["user_agent"], newest["current"]) == ("2001:db8::7", "phone/1", True)
        assert (oldest["ip"], oldest["current"]) == ("127.0.0.1", False)

    async def test_the_list_has_no_sessions_of_other_users(self, ada: Person, bob: Person) -> None:
        assert len(await sessions_of(ada)) == 1
        assert (await sessions_of(ada))[0]["id"] != (await sessions_of(bob))[0]["id"]

    async def test_the_list_has_no_ended_sessions(self, api: Api, ada: Person) -> None:
        phone, tablet = await sign_in(api, ada.user), await sign_in(api, ada.user)
        await phone.http.post("/api/v1/auth/logout")
        assert len(await sessions_of(tablet)) == 2
        await time_passes(api, days=15)
        laptop = await sign_in(api, ada.user)

        assert len(await sessions_of(laptop)) == 1

    async def test_a_refresh_updates_last_used_at_and_expires_at(self, api: Api, ada: Person) -> None:
        await time_passes(api, days=1)
        [before] = await sessions_of(ada)
        assert await ada.can_refresh()

        [after] = await sessions_of(ada)

        assert after["id"] == before["id"]
        assert after["created_at"] == before["created_at"]
        assert after["last_used_at"] > before["last_used_at"]
        assert after["expires_at"] > before["expires_at"]

    async def test_the_address_and_the_user_agent_are_shown_but_stored_encrypted(self, api: Api, ada: Person) -> None:
        await sign_in(api, ada.user, ip="203.0.113.77", headers={"User-Agent": "a very personal browser"})

        async with api.database.read() as session:
            rows = (await session.execute(text("SELECT * FROM sessions"))).all()

        assert "203.0.113.77" in str(await sessions_of(ada))
        assert "203.0.113.77" not in str(rows)
        assert "personal" not in str(rows)

    async def test_a_long_user_agent_is_shortened(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user, headers={"User-Agent": "x" * 5000})

        assert len((await sessions_of(phone))[0]["user_agent"]) <= 512


class TestEndSession:
    async def test_a_user_can_end_another_own_session(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)
        public_id = (await sessions_of(ada))[0]["id"]

        response = await ada.http.delete(f"{SESSIONS}/{public_id}")

        assert (response.status_code, response.content) == (204, b"")
        expect.unauthorized(await phone.http.get("/api/v1/users/me"))
        expect.unauthorized(await phone.refresh(), "invalid_refresh_token")
        assert await ada.is_signed_in()

    async def test_a_user_can_end_the_current_session(self, ada: Person) -> None:
        public_id = (await sessions_of(ada))[0]["id"]

        assert (await ada.http.delete(f"{SESSIONS}/{public_id}")).status_code == 204
        assert not await ada.is_signed_in()

    async def test_a_session_of_another_user_is_404(self, ada: Person, bob: Person) -> None:
        public_id = (await sessions_of(bob))[0]["id"]

        response = await ada.http.delete(f"{SESSIONS}/{public_id}")

        expect.problem(response, 404, "not_found")
        assert await bob.is_signed_in()

    async def test_an_ended_session_is_404(self, api: Api, ada: Person) -> None:
        phone = await sign_in(api, ada.user)
        public_id = (await sessions_of(ada))[0]["id"]
        await phone.http.post("/api/v1/auth/logout")

        expect.problem(await ada.http.delete(f"{SESSIONS}/{public_id}"), 404, "not_found")

    @pytest.mark.parametrize("spell", [str.upper, lambda text: text.replace("-", "")])
    async def test_the_id_may_be_upper_case_or_without_dashes(self, ada: Person, spell: Any) -> None:
        public_id = (await sessions_of(ada))[0]["id"]

        assert (await ada.http.delete(f"{SESSIONS}/{spell(public_id)}")).status_code == 204

    @pytest.mark.parametrize("spelling", ["urn:uuid:{}", "{{{}}}", " {}", "{}-"])
    async def test_other_spellings_of_the_id_are_404(self, ada: Person, spelling: str) -> None:
        public_id = spelling.format((await sessions_of(ada))[0]["id"])

        expect.problem(await ada.http.delete(f"{SESSIONS}/{quote(public_id)}"), 404, "not_found")
        assert await ada.is_signed_in()

    @pytest.mark.parametrize("public_id", [uuid4(), "1", "0", "-1", "x", "None", "%00", "%F0%9F%92%A9", "a" * 3000])
    async def test_an_unknown_id_is_404(self, ada: Person, public_id: object) -> None:
        expect.problem(await ada.http.delete(f"{SESSIONS}/{public_id}"), 404, "not_found")
