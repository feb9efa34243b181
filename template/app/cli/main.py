"""All commands. A command imports its modules when it runs, so that `--help` is fast and needs no settings."""

import inspect
import re
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from app.cli import commands
from app.cli.database import init_db, seed
from app.cli.environment import check_config, init_env
from app.cli.sessions import cleanup_tokens, revoke_sessions
from app.cli.users import create_user, disable_user, enable_user, list_users, set_role
from app.core.discovery import modules_of

FAILED = 1
USAGE = 2


class Commands(TyperGroup):
    """Prints every error as one line on stderr. Exit codes: 0 success, 1 failure, 2 wrong usage."""

    def main(self, *args: Any, **options: Any) -> NoReturn:
        try:
            sys.exit(super().main(*args, **{**options, "standalone_mode": False}))
        except typer.Abort:
            _fail("Aborted.", FAILED)
        except typer.TyperException as error:
            command = getattr(error, "ctx", None)
            path = command.command_path if command else "cli.py"
            _fail(f"{_without_values(error.format_message())}. See `python {path} --help`.", USAGE)
        except Exception as error:  # noqa: BLE001  a traceback could show values
            from app.cli.errors import explain

            _fail(explain(error), FAILED)


cli = typer.Typer(
    cls=Commands,
    help="Set up and maintain this application. Each command has its own --help.",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (init_env, init_db, seed, create_user, list_users, set_role, disable_user, enable_user):
    cli.command()(command)
for command in (cleanup_tokens, revoke_sessions, check_config):
    cli.command()(command)
# Those of `app/cli/commands` are found by their file.
for module in modules_of(commands):
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__ and not name.startswith("_"):
            cli.command()(function)


def _without_values(message: str) -> str:
    """Remove unexpected arguments, which the library quotes in parentheses. One of them may be a password."""
    return re.sub(r" \(.*\)", "", message, flags=re.DOTALL).rstrip(".")


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(" ".join(message.split()), err=True)
    sys.exit(code)
