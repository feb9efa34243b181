"""Serve the application: `python run.py`, or `python run.py --migrate` where this is the only process."""

import sys

import uvicorn
from alembic.util import CommandError

from app.cli.errors import explain
from app.components import Components
from app.core.config import ConfigurationError, load_settings
from app.core.logging import configure_logging
from app.core.server import KEEP_ALIVE_SECONDS, SHUTDOWN_SECONDS, Protocol
from app.db.migrations import upgrade


def main() -> None:
    """Read the settings, refuse in one line or serve until told to stop."""
    try:
        settings = load_settings()
        # With several workers this process is none of them, and tells who started and who died.
        configure_logging(settings)
        # Workers would find out, too; but whoever watches over them starts new ones for ever.
        Components.of(settings)
    except ConfigurationError as error:
        sys.exit(f"Configuration error: {error}")
    if "--migrate" in sys.argv[1:]:
        try:
            upgrade(settings)
        except CommandError as error:
            sys.exit(explain(error))
    uvicorn.run(
        "app.main:app",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        # `TRUSTED_PROXIES` decides whom to believe; the server's own rule would trust every local process.
        proxy_headers=False,
        http=Protocol,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    main()
