"""Serve the application: `python run.py`."""

import sys
from argparse import ArgumentParser, Namespace

import uvicorn
from alembic.util import CommandError

from app.components import Components
from app.core.clients import trusted_hosts
from app.core.config import ConfigurationError, Settings, load_settings
from app.core.logging import configure_logging
from app.db.migrations import upgrade

# More than the 60 s for which proxies keep idle connections, so that a proxy never uses one that is being closed.
KEEP_ALIVE_SECONDS = 75
# The time for running requests to finish. Supervisors kill a process 10 s after SIGTERM.
SHUTDOWN_SECONDS = 7


def main() -> None:
    """Check the settings, then serve until a signal stops the process."""
    arguments = _arguments()
    try:
        settings = load_settings()
        # With several workers, this process supervises them and logs their starts and failures.
        configure_logging(settings)
        # Each worker checks this, too. But the supervisor would restart failing workers for ever.
        Components.from_settings(settings)
        if arguments.migrate:
            upgrade(settings)
    except ConfigurationError as error:
        sys.exit(f"Configuration error: {error}")
    except CommandError as error:
        sys.exit(f"Migrations: {error}")
    _serve(settings)


def _arguments() -> Namespace:
    parser = ArgumentParser(description="Serve the application. Settings come from the environment and from .env.")
    parser.add_argument(
        "--migrate", action="store_true", help="apply migrations before serving; only for a single process"
    )
    return parser.parse_args()


def _serve(settings: Settings) -> None:
    uvicorn.run(
        "app.main:app",
        # With one worker, the event loop opens the socket, and :: would accept only IPv6. An empty host accepts both.
        host="" if settings.host == "::" and settings.workers == 1 else settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        # The application reads these headers, too. Here, middleware that you add also gets the client's address.
        forwarded_allow_ips=trusted_hosts(settings),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    main()
