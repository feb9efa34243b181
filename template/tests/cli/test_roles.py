"""`create-user --role`, `set-role`, `disable-user` and `enable-user`."""

import pytest

from tests.factories.users import PASSWORD, Person, add_user, sign_in
from tests.fixtures.applications import Api
from tests.fixtures.commands import CommandLine

USERS = "/api/v1/admin/users"
WHO = ["--email", "Ada@Example.com", "--first-name", "Ada", "--last-name", "Lovelace", "--password-stdin"]
ADA = ["--email", "ADA@example.com"]


async def status(person: Person) -> int:
    return (await person.http.get(USERS)).status_code


class TestCreateUser:
    async def test_makes_the_first_administrator(self, terminal: CommandLine, real_api: Api) -> None:
        result = await terminal.run("create-user", *WHO, "--role", "admin", typed=f"{PASSWORD}\n")

        assert result.exit_code == 0
        client = await real_api.client()
        login = await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        assert (await client.get(USERS)).status_code == 200
        assert " admin " in (await terminal.run("list-users")).stdout

    async def test_knows_two_roles(self, terminal: CommandLine) -> None:
        await terminal.refused("create-user", *WHO, "--role", "root", code=2)


class TestSetRole:
    async def test_works_at_once(self, terminal: CommandLine, real_api: Api, real_ada: Person) -> None:
        await add_user(real_api, role="admin")

        assert (await terminal.run("set-role", *ADA, "--role", "admin")).exit_code == 0
        assert await status(real_ada) == 200
        assert (await terminal.run("set-role", *ADA, "--role", "user")).exit_code == 0
        assert await status(real_ada) == 403

    async def test_keeps_the_last_administrator(self, terminal: CommandLine, real_ada: Person) -> None:
        await terminal.run("set-role", *ADA, "--role", "admin")

        for command in (["set-role", *ADA, "--role", "user"], ["disable-user", *ADA]):
            assert "last active administrator" in await terminal.refused(*command)
        assert await status(real_ada) == 200


class TestDisableUser:
    async def test_ends_sessions_until_the_account_is_enabled(
        self, terminal: CommandLine, real_api: Api, real_ada: Person
    ) -> None:
        assert (await terminal.run("disable-user", *ADA)).stdout == "Disabled ada@example.com.\n"
        assert not await real_ada.is_signed_in()

        assert (await terminal.run("enable-user", *ADA)).stdout == "Enabled ada@example.com.\n"
        assert not await real_ada.is_signed_in()
        assert await (await sign_in(real_api, real_ada.user)).is_signed_in()


@pytest.mark.parametrize("command", [["set-role", "--role", "admin"], ["disable-user"], ["enable-user"]])
async def test_an_unknown_address_is_refused(terminal: CommandLine, command: list[str]) -> None:
    for email, text in {"nobody@example.com": "no account", "nobody": "not a valid e-mail"}.items():
        assert text in await terminal.refused(*command, "--email", email)
