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
    async def test_the_response_shows_the_account(self, ada: Person) -> None:
        body = (await ada.http.get(ME)).json()

        assert body.pop("created_at") <= body.pop("last_login_at") <= utc_now().isoformat().replace("+00:00", "Z")
        assert body.pop("updated_at").endswith("Z")
        shown = {
            "id": str(ada.user.public_id),
            "email": ada.email,
            "first_name": "Ada",
            "last_name": "Lovelace",
            "is_active": True,
            "role": "user",
            "email_verified_at": None,
        }
        assert shown.items() <= body.items()
        assert not {"password_hash", "auth_epoch"} & body.keys()

    async def test_reading_the_account_needs_authentication(self, client: AsyncClient) -> None:
        response = await client.get(ME)

        expect.problem(response, 401, "not_authenticated")
        assert response.headers["www-authenticate"] == "Bearer"


class TestUpdateMe:
    async def test_update_changes_only_the_given_members(self, ada: Person) -> None:
        before = (await ada.http.get(ME)).json()

        response = await ada.http.patch(ME, json={"first_name": " Augusta "})

        assert response.status_code == 200
        after = (await ada.http.get(ME)).json()
        assert response.json() == after
        assert (after["first_name"], after["last_name"]) == ("Augusta", "Lovelace")
        assert after["updated_at"] > before["updated_at"]

    async def test_an_empty_update_changes_nothing(self, ada: Person) -> None:
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
    async def test_invalid_and_read_only_members_are_refused(
        self, ada: Person, body: dict[str, Any], reason: tuple[str, str]
    ) -> None:
        response = await ada.http.patch(ME, json=body)

        assert expect.reasons(response) == {reason}


class TestDeleteMe:
    async def test_delete_removes_the_account_and_its_sessions(
        self, api: Api, client: AsyncClient, ada: Person
    ) -> None:
        phone = await sign_in(api, ada.user)

        response = await ada.http.delete(ME)

        assert (response.status_code, response.content) == (204, b"")
        assert await count_sessions(api) == 0
        for person in (ada, phone):
            expect.unauthorized(await person.http.get(ME))
            expect.unauthorized(await person.refresh(), "invalid_refresh_token")
        login = await client.post("/api/v1/auth/login", json={"email": ada.email, "password": PASSWORD})
        expect.problem(login, 401, "invalid_credentials")

    async def test_the_address_can_be_registered_again(self, client: AsyncClient, ada: Person) -> None:
        await ada.http.delete(ME)

        response = await client.post("/api/v1/auth/register", json=registration(email=ada.email))

        assert response.status_code == 201
        assert not await ada.is_signed_in()

    async def test_delete_needs_a_recent_password_check(self, api: Api, ada: Person) -> None:
        await time_passes(api, minutes=11)

        response = await ada.http.delete(ME)

        expect.problem(response, 403, "reauthentication_required")
        assert await ada.is_signed_in()

    async def test_delete_does_not_affect_other_users(self, ada: Person, bob: Person) -> None:
        await ada.http.delete(ME)

        assert await bob.is_signed_in()


class TestReadUser:
    async def test_other_users_see_names_only(self, ada: Person, bob: Person) -> None:
        response = await ada.http.get(f"/api/v1/users/{bob.user.public_id}")

        assert response.status_code == 200
        assert response.json() == {"id": str(bob.user.public_id), "first_name": "Bob", "last_name": "Kahn"}

    async def test_the_id_may_be_upper_case_or_without_dashes(self, ada: Person, bob: Person) -> None:
        for spelling in (str(bob.user.public_id).upper(), bob.user.public_id.hex):
            assert (await ada.http.get(f"/api/v1/users/{spelling}")).json()["id"] == str(bob.user.public_id)

    async def test_an_unknown_id_is_404(self, ada: Person) -> None:
        expect.problem(await ada.http.get(f"/api/v1/users/{uuid4()}"), 404, "not_found")

    async def test_a_disabled_user_is_404(self, api: Api, ada: Person) -> None:
        disabled = await add_user(api, is_active=False)

        expect.problem(await ada.http.get(f"/api/v1/users/{disabled.public_id}"), 404, "not_found")

    async def test_reading_a_user_needs_authentication(self, client: AsyncClient, ada: Person) -> None:
        response = await client.get(f"/api/v1/users/{ada.user.public_id}")

        expect.problem(response, 401, "not_authenticated")
