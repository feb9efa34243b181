"""Alembic's entry: every way to migrate runs through here, on the database of the settings."""

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
from app.db.dialects import dialect_for
from app.db.migrations import migrate
from migrations.autogenerate import PLUGINS, render_item


def applied(*, step: MigrationInfo, **_: Any) -> None:
    """Tell whoever called Alembic from Python. It gives the other arguments by name, too."""
    context.config.attributes.get("applied", []).append(step.up_revision_id)


def run(**options: Any) -> None:
    """Migrate in one transaction. In batch mode, because not every database can alter a table in place."""
    context.configure(
        target_metadata=Base.metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_server_default=True,
        autogenerate_plugins=PLUGINS,
        on_version_apply=applied,  # type: ignore[arg-type]
        # Alembic does not expect it of every database; ours roll back tables too.
        transactional_ddl=True,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate_on(connection: Connection) -> None:
    run(connection=connection)


def write_sql(settings: Settings) -> None:
    """For `--sql`, which needs no database."""
    url = make_url(settings.database_url.get_secret_value())
    dialect_for(url)
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
