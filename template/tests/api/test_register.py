"""POST /api/v1/auth/register."""

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import select

from app.models.users import User
from tests import expect
from tests.factories.users import PASSWORD, registration
from tests.fixtures.applications import Api


async def register(client: AsyncClient, **values: object) -> Response:
    return await client.post("/api/v1/auth/register", json=registration(**values))


class TestRegister:
    async def test_register_creates_an_account_and_signs_in(self, client: AsyncClient) -> None:
        response = await register(client, email="ada@example.com", first_name="Ada", last_name="Lovelace")

        assert response.status_code == 201
        assert response.headers["location"] == "/api/v1/users/me"
        assert response.headers["pragma"] == "no-cache"
        tokens = response.json()
        assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in"}
        me = await client.get(
            response.headers["location"], headers={"Authorization": f"Bearer {tokens['access_token']}"}
        )
        assert me.json()["email"] == "ada@example.com"
        assert (me.json()["first_name"], me.json()["last_name"]) == ("Ada", "Lovelace")

    async def test_the_database_has_a_hash_and_not_the_password(self, api: Api, client: AsyncClient) -> None:
        await register(client, email="ada@example.com")

        async with api.database.read() as session:
            user = (await session.scalars(select(User).where(User.email == "ada@example.com"))).one()
        assert user.password_hash.startswith("$argon2id$")
        assert PASSWORD not in user.password_hash

    async def test_a_registered_address_in_another_case_is_409(self, client: AsyncClient) -> None:
        await register(client, email="ada@example.com")

        response = await register(client, email="ADA@Example.COM")

        expect.problem(response, 409, "email_taken")

    async def test_a_refused_registration_does_not_change_the_account(self, client: AsyncClient) -> None:
        await register(client, email="ada@example.com")

        await register(client, email="ada@example.com", password="the password of somebody else")

        login = await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": PASSWORD})
        assert login.status_code == 200

    async def test_an_international_domain_is_stored_in_ascii(self, client: AsyncClient) -> None:
        await register(client, email="ada@BÜCHER.example.com")

        response = await register(client, email="ada@xn--bcher-kva.example.com")

        expect.problem(response, 409, "email_taken")

    async def test_the_response_lists_all_reasons(self, client: AsyncClient) -> None:
        response = await register(client, email="nobody", password="short", first_name="", last_name=None, admin=True)

        assert expect.reasons(response) == {
            ("#/email", "email_invalid"),
            ("#/password", "password_too_short"),
            ("#/first_name", "string_too_short"),
            ("#/last_name", "string_type"),
            ("#/admin", "extra_forbidden"),
        }

    async def test_errors_do_not_repeat_values(self, client: AsyncClient) -> None:
        response = await register(client, email="Secret-Address", password="Secret-Pw", first_name=["Secret-Name"])

        assert response.status_code == 422
        assert "Secret" not in response.text

    @pytest.mark.parametrize(
        "email",
        [
            "", "ada", "@example.com", "ada@", "ada@example", "a b@example.com", "ada@exa mple.com",
            "Ada <ada@example.com>", '"ada"@example.com', "ada@[127.0.0.1]", "ada@[IPv6:::1]", "ada@example.com\n",
            "ada\u0000@example.com", "ädä@example.com", "ada@example..com",
            f"ada@{'a.' * 130}example.com", "ada@example.com,bob@example.com", "ada@-example.com",
        ],
    )  # fmt: skip
    async def test_an_invalid_address_is_refused(self, client: AsyncClient, email: str) -> None:
        response = await register(client, email=email)

        assert {pointer for pointer, _ in expect.reasons(response)} == {"#/email"}

    @pytest.mark.parametrize("name", ["", "   ", "A\u0000da", "A\nda", "A\x1bda", "a" * 101, 7, None, ["Ada"]])
    async def test_an_invalid_name_is_refused(self, client: AsyncClient, name: object) -> None:
        response = await register(client, first_name=name)

        assert {pointer for pointer, _ in expect.reasons(response)} == {"#/first_name"}

    @pytest.mark.parametrize("name", ["xn--\u017f", "XN--\u0130", "xn--99999999", "xn---", "\u202eadA"])
    async def test_names_that_look_like_domains_are_accepted(self, client: AsyncClient, name: str) -> None:
        assert (await register(client, first_name=name)).status_code == 201

    async def test_names_are_trimmed(self, client: AsyncClient) -> None:
        tokens = (await register(client, first_name="  Ada ")).json()

        me = await client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
        assert me.json()["first_name"] == "Ada"


class TestPasswords:
    @pytest.mark.parametrize("length", [8, 14, 257])
    async def test_passwords_have_15_to_256_characters(self, client: AsyncClient, length: int) -> None:
        response = await register(client, password=(PASSWORD * 20)[:length])

        [(pointer, code)] = expect.reasons(response)
        assert pointer == "#/password"
        assert code == ("password_too_long" if length > 256 else "password_too_short")

    @pytest.mark.parametrize(("length", "minimum"), [(3, 8), (14, 15)])
    async def test_the_reason_for_a_short_password_has_a_number(
        self, client: AsyncClient, length: int, minimum: int
    ) -> None:
        response = await register(client, password=PASSWORD[:length])

        [reason] = expect.problem(response, 422, "validation_error")["errors"]
        assert f"at least {minimum} characters" in reason["detail"]

    @pytest.mark.parametrize(
        "password", ["seven lamps bye", (PASSWORD * 20)[:256], "ключ от тихого озера", "🔑🚪🌧🎻🧭🌵🪐🍋🧊🎲🪁🦔🧶🪵🛶"]
    )
    async def test_passwords_in_any_script_are_accepted(self, client: AsyncClient, password: str) -> None:
        await register(client, email="ada@example.com", password=password)

        login = await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": password})
        assert login.status_code == 200

    @pytest.mark.parametrize(
        "password",
        [
            "passwordpassword",
            "aaaaaaaaaaaaaaaaaaaa",
            "123456789012345678",
            "qwertyuiopasdfghjkl",
            "countess.of.computing1815",
        ],
    )
    async def test_passwords_that_are_easy_to_guess_are_refused(self, client: AsyncClient, password: str) -> None:
        response = await register(
            client, email="countess.of.computing@example.com", first_name="Ada", last_name="Lovelace", password=password
        )

        assert expect.reasons(response, code="password_too_weak") == {("#/password", "password_too_weak")}
        assert password not in response.text

    async def test_the_length_is_counted_in_composed_characters(self, client: AsyncClient) -> None:
        letters = "e\u0301o\u0308a\u030an\u0303u\u0302i\u0300c\u0327"

        short = await register(client, password=letters * 2)
        long = await register(client, password=letters * 36)

        assert expect.reasons(short) == {("#/password", "password_too_short")}
        assert "password_too_long" not in long.text

    async def test_passwords_are_never_trimmed(self, client: AsyncClient) -> None:
        await register(client, email="ada@example.com", password=f" {PASSWORD} ")

        trimmed = await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": PASSWORD})
        expect.problem(trimmed, 401, "invalid_credentials")

    async def test_composed_and_decomposed_accents_are_the_same_password(self, client: AsyncClient) -> None:
        await register(client, email="ada@example.com", password="caf\u00e9 au lait, sept lampes")

        decomposed = "cafe\u0301 au lait, sept lampes"
        login = await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": decomposed})
        assert login.status_code == 200


class TestThrottling:
    async def test_one_address_can_register_ten_times_an_hour(self, throttled_api: Api) -> None:
        client = await throttled_api.client()
        accepted = [(await register(client)).status_code for _ in range(10)]

        # The attempt is counted before the password is checked or hashed.
        refused = await register(client, password="passwordpassword")

        assert accepted == [201] * 10
        expect.throttled(refused, minutes=60)
        assert 3500 < int(refused.headers["retry-after"]) <= 3600
        assert (await register(await throttled_api.client("198.51.100.7"))).status_code == 201
