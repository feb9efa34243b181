"""Administration: /api/v1/admin/users."""

from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient, Response

from tests import expect
from tests.factories.sessions import time_passes
from tests.factories.users import PASSWORD, Person, add_user, registration, sign_in, signed_in
from tests.fixtures.applications import Api
from tests.fixtures.logs import Log

USERS = "/api/v1/admin/users"
ME = "/api/v1/users/me"


def path_of(person: Person) -> str:
    return f"{USERS}/{person.user.public_id}"


async def names(admin: Person, **parameters: Any) -> list[str]:
    response = await admin.http.get(USERS, params=parameters)
    assert response.status_code == 200, response.text
    return [f"{user['first_name']} {user['last_name']}" for user in response.json()["results"]]


class TestList:
    async def test_shows_accounts_newest_first(self, admin: Person, ada: Person) -> None:
        response = await admin.http.get(USERS)

        newest, oldest = response.json()["results"]
        assert newest.pop("created_at") < newest.pop("last_login_at")
        assert newest == {
            "id": str(ada.user.public_id),
            "email": ada.email,
            "first_name": "Ada",
            "last_name": "Lovelace",
            "role": "user",
            "is_active": True,
            "email_verified_at": None,
        }
        assert (oldest["id"], oldest["role"]) == (str(admin.user.public_id), "admin")

    async def test_is_walked_by_cursor_and_by_page(self, admin: Person, ada: Person, bob: Person) -> None:
        first = (await admin.http.get(USERS, params={"per_page": 2})).json()
        second = (await admin.http.get(USERS, params={"per_page": 2, "cursor": first["next_cursor"]})).json()
        paged = (await admin.http.get(USERS, params={"per_page": 1, "page": 2})).json()

        assert [user["email"] for user in first["results"] + second["results"]] == [bob.email, ada.email, admin.email]
        assert second["next_cursor"] is None
        assert (paged["total"], paged["results"][0]["email"]) == (3, ada.email)

    async def test_cursor_of_other_filters_is_refused(self, admin: Person, ada: Person) -> None:
        cursor = (await admin.http.get(USERS, params={"per_page": 1})).json()["next_cursor"]

        response = await admin.http.get(USERS, params={"cursor": cursor, "is_active": True})

        expect.problem(response, 422, "invalid_cursor")
        assert ada.email not in response.text

    async def test_filters_by_role_and_state(self, api: Api, admin: Person, ada: Person) -> None:
        await add_user(api, first_name="Alan", last_name="Turing", is_active=False)

        assert await names(admin, role="admin") == ["Margaret Hamilton"]
        assert await names(admin, is_active=False) == ["Alan Turing"]
        assert await names(admin, role="user", is_active=True, q="ad") == ["Ada Lovelace"]
        assert await names(admin, role="admin", is_active=False) == []
        assert ada.email

    @pytest.mark.parametrize("parameters", [{"role": "root"}, {"is_active": "x"}, {"q": "x" * 255}, {"q": "\x00"}])
    async def test_refuses_other_values(self, admin: Person, parameters: dict[str, str]) -> None:
        (pointer,) = {f"query:{name}" for name in parameters}

        response = await admin.http.get(USERS, params=parameters)

        assert {place for place, _ in expect.reasons(response)} == {pointer}


class TestPrefix:
    @pytest.mark.parametrize(
        ("first_name", "prefix"),
        [
            ("Ada", "AD"),
            ("École", "éco"),
            ("ÉCOLE", "e\u0301c"),
            ("Strauß", "STRAUSS"),
            ("Ωmega", "ω"),
            ("Жанна", "жа"),
            ("Ada", ""),
            ("İpek", "i\u0307p"),
            ("\U0001f600x", "\U0001f600"),
            ("A%b", "a%"),
            ("a_b", "A_"),
            ("a\\b", "a\\"),
            ("O'Neil", "o'n"),
            (":x", ":X"),
        ],
    )
    async def test_ignores_case_in_every_script(self, api: Api, admin: Person, first_name: str, prefix: str) -> None:
        await add_user(api, first_name=first_name, last_name="Zzz")

        assert f"{first_name} Zzz" in await names(admin, q=prefix)
        await add_user(api, first_name="Zzz", last_name=first_name)
        assert f"Zzz {first_name}" in await names(admin, q=prefix)

    async def test_is_the_beginning_of_the_address_too(self, admin: Person, ada: Person) -> None:
        assert await names(admin, q=ada.email[:5].upper()) == ["Ada Lovelace"]

    @pytest.mark.parametrize("prefix", ["da", "adb", "lace", "%", "_", "a%", "adaa", "ada@example.comm"])
    async def test_is_nothing_else(self, admin: Person, ada: Person, prefix: str) -> None:
        assert ada.email
        assert await names(admin, q=prefix) == []

    async def test_finds_a_name_that_was_changed(self, admin: Person, ada: Person) -> None:
        await ada.http.patch(ME, json={"first_name": "Augusta"})

        assert await names(admin, q="aug") == ["Augusta Lovelace"]
        assert await names(admin, q="Ada L") == []


class TestRead:
    async def test_shows_an_account_and_its_tag(self, admin: Person, ada: Person) -> None:
        response = await admin.http.get(path_of(ada))

        assert response.json() == (await admin.http.get(USERS)).json()["results"][0]
        assert response.headers["etag"].startswith('"')

    async def test_nobody_is_not_there(self, admin: Person) -> None:
        expect.problem(await admin.http.get(f"{USERS}/{uuid4()}"), 404, "not_found")


class TestUpdate:
    async def test_changes_the_role_at_once(self, admin: Person, ada: Person) -> None:
        expect.problem(await ada.http.get(USERS), 403, "forbidden")

        response = await admin.http.patch(path_of(ada), json={"role": "admin"})

        assert response.status_code == 200
        assert response.json() == (await admin.http.get(path_of(ada))).json()
        assert response.json()["role"] == (await ada.http.get(ME)).json()["role"] == "admin"
        assert (await ada.http.get(USERS)).status_code == 200
        await ada.http.patch(path_of(admin), json={"role": "user"})
        expect.problem(await admin.http.get(USERS), 403, "forbidden")

    async def test_disabling_ends_every_session(
        self, api: Api, client: AsyncClient, admin: Person, ada: Person
    ) -> None:
        phone = await sign_in(api, ada.user)

        response = await admin.http.patch(path_of(ada), json={"is_active": False})

        assert response.json()["is_active"] is False
        for person in (ada, phone):
            expect.unauthorized(await person.http.get(ME))
            expect.unauthorized(await person.refresh(), "invalid_refresh_token")
        login = {"email": ada.email, "password": PASSWORD}
        expect.problem(await client.post("/api/v1/auth/login", json=login), 401, "invalid_credentials")
        await admin.http.patch(path_of(ada), json={"is_active": True})
        assert not await ada.is_signed_in()
        assert (await client.post("/api/v1/auth/login", json=login)).status_code == 200

    async def test_with_nothing_changes_nothing(self, admin: Person, ada: Person) -> None:
        before = await admin.http.get(path_of(ada))

        response = await admin.http.patch(path_of(ada), json={})

        assert (response.status_code, response.json()) == (200, before.json())
        assert response.headers["etag"] == before.headers["etag"]
        assert await ada.is_signed_in()

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({"role": "root"}, ("#/role", "enum")),
            ({"role": None}, ("#/role", "enum")),
            ({"is_active": None}, ("#/is_active", "bool_type")),
            ({"email": "other@example.com"}, ("#/email", "extra_forbidden")),
            ({"email_verified_at": None}, ("#/email_verified_at", "extra_forbidden")),
        ],
    )
    async def test_refuses_everything_else(
        self, admin: Person, ada: Person, body: dict[str, Any], reason: tuple[str, str]
    ) -> None:
        assert expect.reasons(await admin.http.patch(path_of(ada), json=body)) == {reason}

    async def test_nobody_is_not_there(self, admin: Person) -> None:
        expect.problem(await admin.http.patch(f"{USERS}/{uuid4()}", json={"role": "user"}), 404, "not_found")

    async def test_is_logged_with_actor_and_target(self, admin: Person, ada: Person, log: Log) -> None:
        await admin.http.patch(path_of(ada), json={"role": "admin", "is_active": True})

        (line,) = log.of("admin.user.updated")
        assert (line["actor"], line["target"]) == (str(admin.user.public_id), str(ada.user.public_id))
        assert line["changed"] == {"role": "admin"}


class TestIfMatch:
    async def test_a_current_tag_lets_changes_through(self, admin: Person, ada: Person) -> None:
        tag = (await admin.http.get(path_of(ada))).headers["etag"]

        changed = await admin.http.patch(path_of(ada), json={"role": "admin"}, headers={"If-Match": tag})

        assert changed.status_code == 200
        assert changed.headers["etag"] not in {tag, None}
        assert changed.headers["etag"] == (await admin.http.get(path_of(ada))).headers["etag"]
        deleted = await admin.http.delete(path_of(ada), headers={"If-Match": changed.headers["etag"]})
        assert deleted.status_code == 204

    async def test_a_stale_tag_is_412(self, admin: Person, ada: Person) -> None:
        tag = (await admin.http.get(path_of(ada))).headers["etag"]
        await ada.http.patch(ME, json={"first_name": "Augusta"})

        for response in (
            await admin.http.patch(path_of(ada), json={"role": "admin"}, headers={"If-Match": tag}),
            await admin.http.delete(path_of(ada), headers={"If-Match": tag}),
        ):
            expect.problem(response, 412, "precondition_failed")
        assert (await ada.http.get(ME)).json()["role"] == "user"

    async def test_a_sign_in_is_no_change(self, api: Api, admin: Person, ada: Person) -> None:
        tag = (await admin.http.get(path_of(ada))).headers["etag"]
        await sign_in(api, ada.user)

        response = await admin.http.patch(path_of(ada), json={"is_active": False}, headers={"If-Match": tag})

        assert response.status_code == 200


class TestRevokeSessions:
    async def test_ends_every_session(self, api: Api, admin: Person, ada: Person, log: Log) -> None:
        phone = await sign_in(api, ada.user)

        response = await admin.http.post(f"{path_of(ada)}/revoke-sessions")

        assert (response.status_code, response.json()) == (200, {"revoked_sessions": 2})
        assert not await ada.is_signed_in()
        assert not await phone.can_refresh()
        (line,) = log.of("admin.sessions.revoked")
        assert (line["actor"], line["target"]) == (str(admin.user.public_id), str(ada.user.public_id))
        assert line["revoked_sessions"] == 2

    async def test_nobody_is_not_there(self, admin: Person) -> None:
        expect.problem(await admin.http.post(f"{USERS}/{uuid4()}/revoke-sessions"), 404, "not_found")


class TestDelete:
    async def test_ends_the_account(self, client: AsyncClient, admin: Person, ada: Person, log: Log) -> None:
        response = await admin.http.delete(path_of(ada))

        assert (response.status_code, response.content) == (204, b"")
        expect.unauthorized(await ada.http.get(ME))
        expect.problem(await admin.http.get(path_of(ada)), 404, "not_found")
        expect.problem(await admin.http.delete(path_of(ada)), 404, "not_found")
        (line,) = log.of("admin.user.deleted")
        assert (line["actor"], line["target"]) == (str(admin.user.public_id), str(ada.user.public_id))
        again = await client.post("/api/v1/auth/register", json=registration(email=ada.email))
        assert again.status_code == 201


class TestLastAdmin:
    @pytest.mark.parametrize("body", [{"role": "user"}, {"is_active": False}, {"role": "user", "is_active": False}])
    async def test_cannot_be_changed(self, admin: Person, body: dict[str, Any]) -> None:
        expect.problem(await admin.http.patch(path_of(admin), json=body), 409, "last_admin")

        assert (await admin.http.get(USERS)).status_code == 200

    async def test_cannot_be_deleted(self, admin: Person) -> None:
        expect.problem(await admin.http.delete(path_of(admin)), 409, "last_admin")
        expect.problem(await admin.http.delete(ME), 409, "last_admin")

        assert (await admin.http.get(USERS)).status_code == 200

    async def test_of_the_active_ones_counts(self, api: Api, admin: Person) -> None:
        await add_user(api, role="admin", is_active=False)

        expect.problem(await admin.http.delete(ME), 409, "last_admin")

    async def test_may_leave_after_another_was_made(self, api: Api, admin: Person, ada: Person) -> None:
        await admin.http.patch(path_of(ada), json={"role": "admin"})

        assert (await admin.http.delete(ME)).status_code == 204
        bob = await signed_in(api)
        assert (await bob.http.delete(ME)).status_code == 204
        expect.problem(await ada.http.patch(path_of(ada), json={"role": "user"}), 409, "last_admin")


OPERATIONS = [
    ("GET", "", None),
    ("GET", "/{id}", None),
    ("PATCH", "/{id}", {"role": "admin"}),
    ("POST", "/{id}/revoke-sessions", None),
    ("DELETE", "/{id}", None),
]
CHANGES = [operation for operation in OPERATIONS if operation[0] != "GET"]


async def call(person: Person, target: Person, method: str, path: str, body: dict[str, Any] | None) -> Response:
    return await person.http.request(method, USERS + path.format(id=target.user.public_id), json=body)


class TestEveryOperation:
    @pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
    async def test_is_for_administrators(
        self, api: Api, client: AsyncClient, ada: Person, method: str, path: str, body: dict[str, Any] | None
    ) -> None:
        expect.problem(await call(ada, ada, method, path, body), 403, "forbidden")
        response = await client.request(method, USERS + path.format(id=ada.user.public_id), json=body)
        expect.problem(response, 401, "not_authenticated")
        assert await ada.is_signed_in()
        assert api.settings.environment == "test"

    @pytest.mark.parametrize(("method", "path", "body"), CHANGES)
    async def test_that_changes_something_needs_a_recent_password_check(
        self, api: Api, admin: Person, ada: Person, method: str, path: str, body: dict[str, Any] | None
    ) -> None:
        await time_passes(api, minutes=11)

        expect.problem(await call(admin, ada, method, path, body), 403, "reauthentication_required")
        assert await ada.is_signed_in()
        assert (await admin.http.post("/api/v1/auth/reauthenticate", json={"password": PASSWORD})).status_code == 204
        assert (await call(admin, ada, method, path, body)).status_code < 300
