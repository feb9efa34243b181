"""`create-user` and `list-users`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories.users import PASSWORD, add_user, sign_in
from tests.fixtures.applications import Api
from tests.fixtures.commands import CommandLine

WHO = ["--email", "Ada@Example.com", "--first-name", "Ada", "--last-name", "Lovelace"]


class TestCreateUser:
    async def test_reads_the_password_from_standard_input(self, terminal: CommandLine, real_api: Api) -> None:
        result = await terminal.run("create-user", *WHO, "--password-stdin", typed=f"{PASSWORD}\n")

        assert result.exit_code == 0
        assert "ada@example.com" in result.stdout
        client = await real_api.client()
        body = {"email": "ada@example.com", "password": PASSWORD}
        assert (await client.post("/api/v1/auth/login", json=body)).status_code == 200

    async def test_trims_no_password(self, terminal: CommandLine, real_api: Api) -> None:
        await terminal.run("create-user", *WHO, "--password-stdin", typed=f" {PASSWORD} \r\n")

        client, body = await real_api.client(), {"email": "ada@example.com", "password": f" {PASSWORD} "}
        assert (await client.post("/api/v1/auth/login", json=body)).status_code == 200

    async def test_asks_for_what_is_not_given_and_shows_no_password(self, terminal: CommandLine, real_api: Api) -> None:
        typed = f"ada@example.com\nAda\nLovelace\n{PASSWORD}\n{PASSWORD}\n"

        result = await terminal.run("create-user", typed=typed)

        assert result.exit_code == 0
        assert PASSWORD not in result.output
        client = await real_api.client()
        body = {"email": "ada@example.com", "password": PASSWORD}
        assert (await client.post("/api/v1/auth/login", json=body)).status_code == 200

    async def test_keeps_the_rules_of_the_api(self, terminal: CommandLine) -> None:
        for password in ("short one", "passwordpassword", "Ada Lovelace 1815!", f"{PASSWORD}\a"):
            line = await terminal.refused("create-user", *WHO, "--password-stdin", typed=f"{password}\n")
            assert password not in line
            assert "pattern" not in line
        line = await terminal.refused("create-user", "--email", "nobody", *WHO[2:], "--password-stdin", typed=PASSWORD)
        assert "email" in line

    async def test_refuses_an_address_that_is_taken(self, terminal: CommandLine, real_api: Api) -> None:
        await add_user(real_api, email="ada@example.com")

        line = await terminal.refused("create-user", *WHO, "--password-stdin", typed=f"{PASSWORD}\n")

        assert "There is an account" in line

    @pytest.mark.parametrize(
        "arguments", [[*WHO, "--password", PASSWORD], [*WHO, PASSWORD], [*WHO[:2], "--password-stdin"]]
    )
    async def test_takes_no_password_as_an_argument(self, terminal: CommandLine, arguments: list[str]) -> None:
        line = await terminal.refused("create-user", *arguments, code=2)

        assert "--help" in line
        assert PASSWORD not in line

    def test_wants_a_terminal_for_a_hidden_password(self) -> None:
        """Rather than show what is typed. A session of its own has no terminal."""
        asked = subprocess.run(  # noqa: S603
            [sys.executable, "cli.py", "create-user", *WHO],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "ENVIRONMENT": "development"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            start_new_session=True,
        )

        assert asked.returncode == 1
        assert "--password-stdin" in asked.stderr
        assert asked.stderr.count("\n") == 1

    async def test_ends_when_nothing_more_is_typed(self, terminal: CommandLine) -> None:
        await terminal.refused("create-user", typed="ada@example.com\n")


class TestListUsers:
    async def test_shows_who_is_there(self, terminal: CommandLine, real_api: Api) -> None:
        ada = await add_user(real_api, email="ada@example.com", first_name="Ada", last_name="Lovelace")
        await add_user(real_api, email="bob@example.com", first_name="밥", last_name="Kahn", is_active=False)
        await sign_in(real_api, ada)

        result = await terminal.run("list-users")

        assert result.exit_code == 0
        lines = result.stdout.splitlines()
        assert lines[0].split()[0] == "E-mail"
        assert "ada@example.com  Ada Lovelace  yes" in lines[2]
        assert "bob@example.com  밥 Kahn" in lines[3]
        assert " never " in lines[3]
        assert "$argon2" not in result.output
        assert str(ada.public_id) in result.stdout

    async def test_says_if_nobody_is(self, terminal: CommandLine) -> None:
        result = await terminal.run("list-users")

        assert (result.exit_code, result.stdout) == (0, "There are no accounts yet.\n")
