"""The tables and what is in them."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.cli.running import run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.components import Components

ALEMBIC = Path(__file__).resolve().parents[2] / "alembic.ini"


def init_db() -> None:
    """Bring the database up to date, for development. In production, run `alembic upgrade head`."""
    before, after = run(_migrate, in_production="Run `alembic upgrade head` instead.")
    typer.echo(f"The database is up to date: {after}." if before == after else f"Migrated the database to {after}.")


def seed() -> None:
    """Add sample data, for development. Prints passwords once; repeating it adds nothing."""
    for line in run(_sow, in_production="Sample accounts do not belong there."):
        typer.echo(line)


async def _migrate(components: "Components") -> tuple[str, str]:
    async with components.database.write() as session:
        connection = await session.connection()
        revisions = await connection.run_sync(_upgrade)
        await session.commit()
    return revisions


def _upgrade(connection: "Connection") -> tuple[str, str]:
    """The revisions before and after. The connection is ours, so that its errors are told as everywhere else."""
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext

    def revision() -> str:
        return ", ".join(MigrationContext.configure(connection).get_current_heads())

    before = revision()
    command.upgrade(Config(ALEMBIC, attributes={"connection": connection}), "head")
    return before, revision()


async def _sow(components: "Components") -> list[str]:
    from app import seeds
    from app.core.discovery import modules_of

    lines: list[str] = []
    for module in sorted(modules_of(seeds), key=lambda module: int(module.ORDER)):
        lines += await module.seed(components)
    return lines
