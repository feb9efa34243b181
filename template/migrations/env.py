"""Alembic's entry point. Every command that migrates runs this module, on the database of the settings."""

import asyncio
import logging
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationInfo
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from app import models
from app.core.config import ConfigurationError, Settings, load_settings
from app.core.discovery import modules_of
from app.db.base import Base
from app.db.dialects import dialect_of
from app.db.migrations import migrate
from migrations.autogenerate import PLUGINS, render_item


def applied(*, step: MigrationInfo, **_: Any) -> None:
    """Record an applied revision for the caller of Alembic. Alembic passes more arguments by name."""
    context.config.attributes.get("applied", []).append(step.up_revision_id)


def run(**options: Any) -> None:
    """Migrate in one transaction, and in batch mode, because some databases cannot alter a table in place."""
    context.configure(
        target_metadata=Base.metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_server_default=True,
        autogenerate_plugins=PLUGINS,
        on_version_apply=applied,  # type: ignore[arg-type]
        # Alembic disables this for some databases, but those of this project can roll back changes of tables.
        transactional_ddl=True,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate_on(connection: Connection) -> None:
    run(connection=connection)


def write_sql(settings: Settings) -> None:
    """Write the SQL for `--sql`, without a database."""
    url = make_url(settings.database_url.get_secret_value())
    dialect_of(url)
    run(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"})


if not logging.getLogger().hasHandlers():
    logging.basicConfig(format="%(levelname)-5.5s [%(name)s] %(message)s")
    logging.getLogger("alembic").setLevel(logging.INFO)

modules_of(models)
try:
    given = context.config.attributes.get("settings") or load_settings()
    if context.is_offline_mode():
        write_sql(given)
    else:
        asyncio.run(migrate(given, migrate_on))
except ConfigurationError as error:
    raise CommandError(f"Configuration error: {error}") from error
