"""Accounts."""

import sys
import warnings
from datetime import datetime
from getpass import GetPassWarning
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.refusals import Refused
from app.cli.running import run
from app.cli.tables import table

if TYPE_CHECKING:
    from app.components import Components
    from app.models.users import User

Text = Annotated[str | None, typer.Option(metavar="TEXT", help="Asked for if it is not given.", show_default=False)]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]

COLUMNS = ("E-mail", "Name", "Active", "Created (UTC)", "Last login (UTC)", "Id")


def create_user(
    email: Text = None, first_name: Text = None, last_name: Text = None, *, password_stdin: FromStdin = False
) -> None:
    """Create an account, by the rules of the API. The password is asked for, and never an argument."""
    if password_stdin and not (email and first_name and last_name):
        raise typer.BadParameter("it needs --email, --first-name and --last-name.", param_hint="--password-stdin")

    async def create(components: "Components") -> "User":
        from app.schemas.auth import Register
        from app.services.users import UserService

        data = Register(
            email=email or typer.prompt("E-mail"),
            first_name=first_name or typer.prompt("First name"),
            last_name=last_name or typer.prompt("Last name"),
            password=_password(from_stdin=password_stdin),
        )
        return await UserService(components).create(data)

    user = run(create)
    typer.echo(f"Created {user.email} with id {user.public_id}.")


def list_users() -> None:
    """List all accounts, oldest first."""

    async def read(components: "Components") -> "list[User]":
        from app.services.users import UserService

        return await UserService(components).all()

    rows = [_row(user) for user in run(read)]
    typer.echo(table(COLUMNS, rows) if rows else "There are no accounts yet.")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        except GetPassWarning:
            raise Refused("There is no terminal to ask for the password on. Use --password-stdin.") from None
    return password


def _row(user: "User") -> tuple[str, ...]:
    name = f"{user.first_name} {user.last_name}"
    active = "yes" if user.is_active else "no"
    return user.email, name, active, _time(user.created_at), _time(user.last_login_at), str(user.public_id)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"
