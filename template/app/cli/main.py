"""All commands. What one needs is imported when it runs, so that `--help` answers at once and without settings."""

import re
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from app.cli.database import init_db, seed
from app.cli.environment import check_config, init_env
from app.cli.sessions import cleanup_tokens, revoke_sessions
from app.cli.users import create_user, list_users

FAILED = 1
USAGE = 2


class Commands(TyperGroup):
    """Every error is one line on stderr. Exit codes: 0 done, 1 refused or failed, 2 called in a wrong way."""

    def main(self, *args: Any, **options: Any) -> NoReturn:
        try:
            sys.exit(super().main(*args, **{**options, "standalone_mode": False}))
        except typer.Abort:
            _fail("Aborted.", FAILED)
        except typer.TyperException as error:
            _fail(f"{_without_values(error.format_message())}. See `python cli.py --help`.", USAGE)
        except Exception as error:  # noqa: BLE001  a traceback would show values, and help nobody who only runs this
            from app.cli.errors import explain

            _fail(explain(error), FAILED)


cli = typer.Typer(
    cls=Commands,
    help="Set up and look after this application. Each command has its own --help.",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (init_env, init_db, seed, create_user, list_users, cleanup_tokens, revoke_sessions, check_config):
    cli.command()(command)


def _without_values(message: str) -> str:
    """Arguments that no command takes stand in brackets, and may be a password."""
    return re.sub(r" \(.*\)", "", message, flags=re.DOTALL).rstrip(".")


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(" ".join(message.split()), err=True)
    sys.exit(code)
