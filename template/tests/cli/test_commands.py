"""`routes`, `openapi` and `shell`, and commands that are found by their file."""

import json

import pytest

from app.main import app
from tests.factories.users import add_user
from tests.fixtures.applications import Api
from tests.fixtures.commands import CommandLine
from tests.fixtures.migrations import Copy

GREET = '''"""Commands of a test."""


def greet(name: str) -> None:
    """Greet somebody."""
    print(_greeting(name))


def _greeting(name: str) -> str:
    return f"Hello {name}"
'''


class TestRoutes:
    async def test_routes_show_who_may_call_them(self, terminal: CommandLine) -> None:
        result = await terminal.run("routes", "--json")

        callers = {(route["method"], route["path"]): route["caller"] for route in json.loads(result.stdout)}
        assert callers["POST", "/api/v1/auth/login"] == "everybody"
        assert callers["GET", "/api/v1/users/me"] == "signed-in users"
        documented = {
            (method.upper(), path) for path, operations in app.openapi()["paths"].items() for method in operations
        }
        listed = {(method, path.replace(":uuid}", "}")) for method, path in callers}
        assert documented <= listed

    async def test_each_route_is_one_line(self, terminal: CommandLine) -> None:
        result = await terminal.run("routes")

        [line] = [line for line in result.stdout.splitlines() if " /api/v1/auth/login " in line]
        assert line.split() == ["POST", "/api/v1/auth/login", "everybody"]


class TestOpenapi:
    async def test_the_document_is_printed(self, terminal: CommandLine) -> None:
        result = await terminal.run("openapi")

        assert json.loads(result.stdout) == app.openapi()


class TestShell:
    async def test_the_shell_awaits_statements(self, terminal: CommandLine, real_api: Api) -> None:
        await add_user(real_api, email="ada@example.com")
        typed = "users = await session.scalars(select(User))\nprint([user.email for user in users])\n"

        result = await terminal.run("shell", typed=typed)

        assert result.exit_code == 0, result.output
        assert "['ada@example.com']" in result.stdout

    @pytest.mark.usefixtures("real_api")
    async def test_the_shell_continues_after_an_error(self, terminal: CommandLine) -> None:
        result = await terminal.run("shell", typed="1 +\nprint(6 * 7)\n")

        assert "SyntaxError" in result.stderr
        assert "42" in result.stdout


class TestOwnCommands:
    async def test_a_command_is_found_by_its_file(self, project_copy: Copy) -> None:
        project_copy.folder.joinpath("app/cli/commands/greetings_of_a_test.py").write_text(GREET, "utf-8")

        greeted = await project_copy.succeed("cli.py", "greet", "Ada")
        shown = await project_copy.succeed("cli.py", "--help")

        assert greeted.stdout == "Hello Ada\n"
        assert "Greet somebody." in shown.stdout
        assert "greeting" not in shown.stdout.replace("Greet", "")
