"""`create-user` and `list-users`."""

import json
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
    async def test_password_is_read_from_standard_input(self, terminal: CommandLine, real_api: Api) -> None:
        result = await terminal.run("create-user", *WHO, "--password-stdin", typed=f"{PASSWORD}\n")

        assert result.exit_code == 0
        assert "ada@example.com" in result.stdout
        client = await real_api.client()
        body = {"email": "ada@example.com", "password": PASSWORD}
        assert (await client.post("/api/v1/auth/login", json=body)).status_code == 200

    async def test_password_is_not_trimmed(self, terminal: CommandLine, real_api: Api) -> None:
        await terminal.run("create-user", *WHO, "--password-stdin", typed=f" {PASSWORD} \r\n")

        client, body = await real_api.client(), {"email": "ada@example.com", "password": f" {PASSWORD} "}
        assert (await client.post("/api/v1/auth/login", json=body)).status_code == 200

    async def test_missing_values_are_asked_for(self, terminal: CommandLine, real_api: Api) -> None:
        typed = f"ada@example.com\nAda\nLovelace\n{PASSWORD}\n{PASSWORD}\n"

        result = await terminal.run("create-user", typed=typed)

        assert result.exit_code == 0
        assert PASSWORD not in result.output
        client = await real_api.client()
        body = {"email": "ada@example.com", "password": PASSWORD}
        assert (await client.post("/api/v1/auth/login", json=body)).status_code == 200

    async def test_the_rules_of_the_api_are_applied(self, terminal: CommandLine) -> None:
        for password in ("short one", "passwordpassword", "Ada Lovelace 1815!", f"{PASSWORD}\a"):
            line = await terminal.refused("create-user", *WHO, "--password-stdin", typed=f"{password}\n")
            assert password not in line
            assert "pattern" not in line
        line = await terminal.refused("create-user", "--email", "nobody", *WHO[2:], "--password-stdin", typed=PASSWORD)
        assert "e-mail address" in line

    async def test_a_registered_address_is_refused(self, terminal: CommandLine, real_api: Api) -> None:
        await add_user(real_api, email="ada@example.com")

        line = await terminal.refused("create-user", *WHO, "--password-stdin", typed=f"{PASSWORD}\n")

        assert line == "An account with this e-mail address exists.\n"

    async def test_an_invalid_address_is_refused_before_the_next_prompt(self, terminal: CommandLine) -> None:
        typed = f"Ada\nLovelace\n{PASSWORD}\n{PASSWORD}\n"

        result = await terminal.run("create-user", "--email", "nobody", typed=typed)

        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "This is not a valid e-mail address.\n"

    @pytest.mark.parametrize(
        "arguments", [[*WHO, "--password", PASSWORD], [*WHO, PASSWORD], [*WHO[:2], "--password-stdin"]]
    )
    async def test_password_is_never_an_argument(self, terminal: CommandLine, arguments: list[str]) -> None:
        line = await terminal.refused("create-user", *arguments, code=2)

        assert "--help" in line
        assert PASSWORD not in line

    def test_password_prompt_needs_a_terminal(self) -> None:
        """Without a terminal the password would be visible. A process in a new session has none."""
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

    async def test_the_end_of_input_ends_the_command(self, terminal: CommandLine) -> None:
        await terminal.refused("create-user", typed="ada@example.com\n")


class TestListUsers:
    async def test_accounts_are_listed(self, terminal: CommandLine, real_api: Api) -> None:
        ada = await add_user(real_api, email="ada@example.com", first_name="Ada", last_name="Lovelace")
        await add_user(real_api, email="bob@example.com", first_name="밥", last_name="Kahn", is_active=False)
        await sign_in(real_api, ada)

        result = await terminal.run("list-users")

        assert result.exit_code == 0
        lines = [line.strip() for line in result.stdout.splitlines() if line.strip()]
        assert lines[0].split()[0] == "E-mail"
        assert lines[2].split()[:4] == ["ada@example.com", "Ada", "Lovelace", "yes"]
        assert lines[3].split()[:4] == ["bob@example.com", "밥", "Kahn", "no"]
        assert " never " in lines[3]
        assert "$argon2" not in result.output
        assert str(ada.public_id) in result.stdout

    async def test_empty_list_is_reported(self, terminal: CommandLine) -> None:
        result = await terminal.run("list-users")

        assert (result.exit_code, result.stdout) == (0, "There are no accounts yet.\n")


class TestListUsersAsJson:
    async def test_accounts_are_printed_as_json(self, terminal: CommandLine, real_api: Api) -> None:
        assert (await terminal.run("list-users", "--json")).stdout == "[]\n"
        user = await add_user(real_api, email="ada@example.com")

        [shown] = json.loads((await terminal.run("list-users", "--json")).stdout)

        assert (shown["email"], shown["id"]) == ("ada@example.com", str(user.public_id))
        assert "password_hash" not in shown
