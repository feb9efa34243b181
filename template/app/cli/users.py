"""Commands for accounts."""

import sys
import warnings
from datetime import datetime
from enum import StrEnum
from getpass import GetPassWarning
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, print_json, print_table
from app.cli.refusals import Refused
from app.cli.running import run

if TYPE_CHECKING:
    from app.components import Components
    from app.models.users import User

Text = Annotated[
    str | None, typer.Option(metavar="TEXT", help="The command asks for it if missing.", show_default=False)
]
Email = Annotated[str, typer.Option(metavar="TEXT", help="The address of the account.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]

COLUMNS = ("E-mail", "Name", "Active", "Role", "Created (UTC)", "Last login (UTC)", "Id")


class Role(StrEnum):
    """The roles of the application, which is not imported for `--help`."""

    USER = "user"
    ADMIN = "admin"


OfRole = Annotated[Role, typer.Option(help="What the account may do.")]


def create_user(
    email: Text = None,
    first_name: Text = None,
    last_name: Text = None,
    *,
    role: OfRole = Role.USER,
    password_stdin: FromStdin = False,
) -> None:
    """Create an account, with the rules of the API. Asks for the password, which cannot be an argument."""
    if password_stdin and not (email and first_name and last_name):
        raise typer.BadParameter(
            "this option needs --email, --first-name and --last-name.", param_hint="--password-stdin"
        )

    async def create(components: "Components") -> "User":
        from pydantic import TypeAdapter

        from app.models.users import Role as StoredRole
        from app.schemas.auth import Register
        from app.schemas.base import Email as Address
        from app.services.auth import AuthService

        # Check the address before asking for the other values.
        address = TypeAdapter[str](Address).validate_python(email or typer.prompt("E-mail"))
        data = Register(
            email=address,
            first_name=first_name or typer.prompt("First name"),
            last_name=last_name or typer.prompt("Last name"),
            password=_password(from_stdin=password_stdin),
        )
        return await AuthService(components).create_account(data, StoredRole(role))

    user = run(create)
    typer.echo(f"Created {user.email} with id {user.public_id}.")


def list_users(*, as_json: AsJson = False) -> None:
    """List all accounts, oldest first."""

    async def read(components: "Components") -> "list[User]":
        from app.services.users import UserService

        return await UserService(components).all()

    users = run(read)
    if as_json:
        from app.schemas.users import OwnUser

        print_json([OwnUser.model_validate(user).model_dump(mode="json") for user in users])
    elif users:
        print_table(COLUMNS, [_row(user) for user in users])
    else:
        typer.echo("There are no accounts yet.")


def set_role(*, email: Email, role: OfRole) -> None:
    """Make an account an administrator, or an ordinary user again. Works at once."""
    user = _change(email, role=role.value)
    typer.echo(f"{user.email} is {'an administrator' if role is Role.ADMIN else 'an ordinary user'}.")


def disable_user(*, email: Email) -> None:
    """Disable an account and end its sessions. Nothing is deleted."""
    typer.echo(f"Disabled {_change(email, is_active=False).email}.")


def enable_user(*, email: Email) -> None:
    """Let a disabled account sign in again."""
    typer.echo(f"Enabled {_change(email, is_active=True).email}.")


def _change(email: str, **values: object) -> "User":
    async def change(components: "Components") -> "User | None":
        from pydantic import TypeAdapter

        from app.schemas.admin import ManagedUserUpdate
        from app.schemas.base import Email as Address
        from app.services.admin import AdminService

        address = TypeAdapter[str](Address).validate_python(email)
        return await AdminService(components).update_by_email(address, ManagedUserUpdate.model_validate(values))

    user = run(change)
    if user is None:
        raise Refused("There is no account with this e-mail address.")
    return user


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        except GetPassWarning:
            raise Refused("There is no terminal to ask for the password. Use --password-stdin.") from None
    return password


def _row(user: "User") -> tuple[str, ...]:
    name = f"{user.first_name} {user.last_name}"
    active = "yes" if user.is_active else "no"
    return user.email, name, active, user.role, _time(user.created_at), _time(user.last_login_at), str(user.public_id)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"
