"""Commands for sessions."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.refusals import Refused
from app.cli.running import run

if TYPE_CHECKING:
    from app.components import Components

RETENTION_DAYS = 30
MOST_DAYS = 3650

Days = Annotated[
    int, typer.Option(metavar="N", min=0, max=MOST_DAYS, help="Keep sessions that ended less than N days ago.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only count the sessions.")]
Email = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="End the sessions of the account with this e-mail address.", show_default=False),
]
Everybody = Annotated[bool, typer.Option("--all", help="End the sessions of all accounts.")]


def cleanup_tokens(*, retention_days: Days = RETENTION_DAYS, dry_run: DryRun = False) -> None:
    """Delete sessions that ended long ago. Works in small batches, also while the application runs."""

    async def clean_up(components: "Components") -> int:
        from app.services.sessions import SessionService

        sessions, retention = SessionService(components), timedelta(days=retention_days)
        count = await sessions.count_ended(retention)
        if dry_run:
            return count
        deleted = 0
        # For people only: a schedule that mails the output gets one line.
        hidden = count == 0 or not sys.stderr.isatty()
        with typer.progressbar(length=count, label="Deleting sessions", file=sys.stderr, hidden=hidden) as bar:
            async for batch in sessions.clean_up(retention):
                bar.update(batch)
                deleted += batch
        return deleted

    count = run(clean_up)
    done = "Would delete" if dry_run else "Deleted"
    typer.echo(f"{done} {_sessions(count)} that ended more than {retention_days} days ago.")


def revoke_sessions(*, email: Email = None, everybody: Everybody = False) -> None:
    """End the sessions of one account or of all accounts. Their tokens are refused immediately."""
    if everybody == (email is not None):
        raise typer.BadParameter("use exactly one of these options.", param_hint="--email, --all")

    async def revoke(components: "Components") -> int | None:
        from pydantic import TypeAdapter

        from app.schemas.base import Email as Address
        from app.services.sessions import SessionService

        sessions = SessionService(components)
        if email is None:
            return await sessions.revoke_all()
        return await sessions.revoke(TypeAdapter[str](Address).validate_python(email))

    ended = run(revoke)
    if ended is None:
        raise Refused("There is no account with this e-mail address.")
    typer.echo(f"Ended {_sessions(ended)}.")


def _sessions(count: int) -> str:
    return f"{count} session" if count == 1 else f"{count} sessions"
