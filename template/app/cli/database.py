"""Commands for migrations and sample data."""

from typing import TYPE_CHECKING

import typer

from app.cli.running import refuse_production, run

if TYPE_CHECKING:
    from app.components import Components


def init_db() -> None:
    """Apply all migrations, in development. In production, run `alembic upgrade head`."""
    from app.core.config import load_settings
    from app.db.migrations import upgrade

    settings = load_settings()
    refuse_production(settings, "Run `alembic upgrade head` instead.")
    applied = upgrade(settings)
    typer.echo(f"Migrated the database to {applied[-1]}." if applied else "The database is up to date.")


def seed() -> None:
    """Add sample data, in development. Prints new passwords once. A second run adds nothing."""
    for line in run(_seed, in_production="Sample accounts are for development only."):
        typer.echo(line)


async def _seed(components: "Components") -> list[str]:
    from app import seeds
    from app.core.discovery import modules_of

    lines: list[str] = []
    for module in sorted(modules_of(seeds), key=lambda module: int(module.ORDER)):
        lines += await module.seed(components)
    return lines
