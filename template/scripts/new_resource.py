"""Write a resource: model, schemas, repository, service, router, sample data, tests and migration."""

import sys
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.resource import Access, Refused  # noqa: E402
from scripts.resource.writing import Plan, plan  # noqa: E402

EPILOG = """
A field is NAME:TYPE, then ? if it may be null, then :unique, :unique_for_owner or :index, then =DEFAULT.

Types: str(40), text, int, decimal(10,2), bool, date, datetime, uuid, json, draft|paid|shipped, ref(users).

Example: python scripts/new_resource.py orders 'reference:str(40):unique' total_cents:int placed_at:datetime=now
'note:text?' 'status:draft|paid|shipped=draft' 'customer:ref(users)?'
"""

Resource = Annotated[str, typer.Argument(help="The plural, in lower case: orders, order_lines.", metavar="NAME")]
Fields = Annotated[list[str], typer.Argument(help="See below.", metavar="FIELD...")]
Singular = Annotated[str | None, typer.Option(metavar="NAME", help="If it is not the usual one: employee for staff.")]
Shared = Annotated[bool, typer.Option("--shared", help="Every signed-in user sees and changes all of them.")]
Admin = Annotated[bool, typer.Option("--admin", help="Every signed-in user sees them, and administrators change them.")]
NoSearch = Annotated[bool, typer.Option("--no-search", help="Without the search for texts.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the files, and write nothing.")]


def main(
    resource: Resource,
    fields: Fields,
    *,
    singular: Singular = None,
    shared: Shared = False,
    admin: Admin = False,
    no_search: NoSearch = False,
    dry_run: DryRun = False,
) -> None:
    """Write a resource with these fields. Each of them belongs to the user who creates it, and only they see it."""
    access = Access.ADMIN if admin else Access.SHARED if shared else Access.OWNER
    try:
        planned = plan(resource, fields, singular=singular, access=access, search=not no_search)
        if not planned.is_done():
            planned.require_free()
        if dry_run:
            for path, text in planned.files.items():
                typer.echo(f"--- {path}\n{text}")
            typer.echo(f"--- migrations/versions/…_{resource}.py\nAlembic writes it from the model.")
        elif planned.is_done():
            typer.echo(f"Nothing to do: {resource} exists, with these fields.")
        else:
            _report(planned, planned.write())
    except Refused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from None


def _report(planned: Plan, written: list[str]) -> None:
    for path in written:
        typer.echo(f"  {path}")
    for note in planned.notes:
        typer.echo(f"\nNote: {note}")
    typer.echo("\nRead the migration, then run this, and start the server again:\n\n  alembic upgrade head\n  pytest")
    typer.echo(f"\nTo take it back, before you commit it and before you migrate:\n\n  {planned.undo(written)}")


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(epilog=EPILOG)(main)
    app()
