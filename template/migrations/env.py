"""Alembic's entry: migrations run on the database of the settings, by the engine that the application writes with."""

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from app import models
from app.cli.errors import explain
from app.cli.running import closing
from app.core.config import ConfigurationError, load_settings
from app.core.discovery import modules_of
from app.db.base import Base
from app.db.database import Database, DatabaseUnavailable

modules_of(models)


def render_item(kind: str, value: Any, _: object) -> str | Literal[False]:
    """Write our column types into migrations as what they are to the database: a migration must not import the app."""
    if kind == "type" and isinstance(value, TypeDecorator) and type(value).__module__ == "app.db.types":
        return f"sa.{value.impl_instance!r}"
    return False


def run(connection: Connection) -> None:
    """Migrate on one connection. Batch mode, because not every database can alter a table in place."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate() -> None:
    """Open the database of the settings, or say in one line why that is not possible."""
    try:
        database = Database(load_settings())
        async with closing(database), database.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
    except (ConfigurationError, DatabaseUnavailable) as error:
        raise SystemExit(explain(error)) from None


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    asyncio.run(migrate())
