"""Accounts: /api/v1/users/me and /api/v1/users/{public_id}."""

from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient

from app.db.types import utc_now
from tests import expect
from tests.factories.sessions import count_sessions, time_passes
from tests.factories.users import PASSWORD, Person, add_user, registration, sign_in
from tests.fixtures.applications import Api

ME = "/api/v1/users/me"


class TestReadMe:
    async def test_shows_the_account(self, ada: Person) -> None:
        body = (await ada.http.get(ME)).json()

        assert body.pop("created_at") <= body.pop("last_login_at") <= utc_now().isoformat().replace("+00:00", "Z")
        assert body.pop("updated_at").endswith("Z")
        assert body == {
            "id": str(ada.user.public_id),
            "email": ada.email,
            "first_name": "Ada",
            "last_name": "Lovelace",
            "is_active": True,
        }

    async def test_is_refused_to_strangers(self, client: AsyncClient) -> None:
        response = await client.get(ME)

        expect.problem(response, 401, "not_authenticated")
        assert response.headers["www-authenticate"] == "Bearer"


class TestUpdateMe:
    async def test_changes_what_is_given(self, ada: Person) -> None:
        before = (await ada.http.get(ME)).json()

        response = await ada.http.patch(ME, json={"first_name": " Augusta "})

        assert response.status_code == 200
        after = (await ada.http.get(ME)).json()
        assert response.json() == after
        assert (after["first_name"], after["last_name"]) == ("Augusta", "Lovelace")
        assert after["updated_at"] > before["updated_at"]

    async def test_with_nothing_changes_nothing(self, ada: Person) -> None:
        before = (await ada.http.get(ME)).json()

        response = await ada.http.patch(ME, json={})

        assert response.status_code == 200
        assert response.json() == before

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({"first_name": None}, ("#/first_name", "string_type")),
            ({"first_name": ""}, ("#/first_name", "string_too_short")),
            ({"first_name": "   "}, ("#/first_name", "string_too_short")),
            ({"first_name": "Ada\n"}, ("#/first_name", "string_pattern_mismatch")),
            ({"first_name": "\x1cAda"}, ("#/first_name", "string_pattern_mismatch")),
            ({"last_name": "x" * 101}, ("#/last_name", "string_too_long")),
            ({"last_name": "x\u0000"}, ("#/last_name", "string_pattern_mismatch")),
            ({"email": "other@example.com"}, ("#/email", "extra_forbidden")),
            ({"is_active": False}, ("#/is_active", "extra_forbidden")),
            ({"id": 1}, ("#/id", "extra_forbidden")),
            ({"auth_epoch": 0}, ("#/auth_epoch", "extra_forbidden")),
            ({"password_hash": "x"}, ("#/password_hash", "extra_forbidden")),
        ],
    )
    async def test_refuses_everything_else(self, ada: Person, body: dict[str, Any], reason: tuple[str, str]) -> None:
        response = await ada.http.patch(ME, json=body)

        assert expect.reasons(response) == {reason}


class TestDeleteMe:
    async def test_ends_the_account_and_its_sessions(self, api: Api, client: AsyncClient, ada: Person) -> None:
        phone = await sign_in(api, ada.user)

        response = await ada.http.delete(ME)

        assert (response.status_code, response.content) == (204, b"")
        assert await count_sessions(api) == 0
        for person in (ada, phone):
            expect.unauthorized(await person.http.get(ME))
            expect.unauthorized(await person.refresh(), "invalid_refresh_token")
        login = await client.post("/api/v1/auth/login", json={"email": ada.email, "password": PASSWORD})
        expect.problem(login, 401, "invalid_credentials")

    async def test_frees_the_address(self, client: AsyncClient, ada: Person) -> None:
        await ada.http.delete(ME)

        response = await client.post("/api/v1/auth/register", json=registration(email=ada.email))

        assert response.status_code == 201
        assert not await ada.is_signed_in()

    async def test_needs_a_recent_password_check(self, api: Api, ada: Person) -> None:
        await time_passes(api, minutes=11)

        response = await ada.http.delete(ME)

        expect.problem(response, 403, "reauthentication_required")
        assert await ada.is_signed_in()

    async def test_leaves_other_people_alone(self, ada: Person, bob: Person) -> None:
        await ada.http.delete(ME)

        assert await bob.is_signed_in()


class TestReadUser:
    async def test_shows_names_only(self, ada: Person, bob: Person) -> None:
        response = await ada.http.get(f"/api/v1/users/{bob.user.public_id}")

        assert response.status_code == 200
        assert response.json() == {"id": str(bob.user.public_id), "first_name": "Bob", "last_name": "Kahn"}

    async def test_knows_other_spellings_of_the_id(self, ada: Person, bob: Person) -> None:
        for spelling in (str(bob.user.public_id).upper(), bob.user.public_id.hex):
            assert (await ada.http.get(f"/api/v1/users/{spelling}")).json()["id"] == str(bob.user.public_id)

    async def test_nobody_is_not_there(self, ada: Person) -> None:
        expect.problem(await ada.http.get(f"/api/v1/users/{uuid4()}"), 404, "not_found")

    async def test_the_disabled_are_not_there(self, api: Api, ada: Person) -> None:
        disabled = await add_user(api, is_active=False)

        expect.problem(await ada.http.get(f"/api/v1/users/{disabled.public_id}"), 404, "not_found")

    async def test_is_refused_to_strangers(self, client: AsyncClient, ada: Person) -> None:
        response = await client.get(f"/api/v1/users/{ada.user.public_id}")

        expect.problem(response, 401, "not_authenticated")
