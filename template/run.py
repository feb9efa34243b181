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

# Longer than the 60 s for which proxies keep idle connections. Otherwise a proxy could use one that is just closed.
KEEP_ALIVE_SECONDS = 75
# Requests that run may finish. With closing the connections this is less than the 10 s after which a process is killed.
SHUTDOWN_SECONDS = 7


def main() -> None:
    """Check the settings, then serve until the process is told to stop."""
    arguments = _arguments()
    try:
        settings = load_settings()
        # With several workers this process is none of them. It logs which of them starts or dies.
        configure_logging(settings)
        # A worker would check this, too, but its supervisor would start new workers for ever.
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
    parser.add_argument("--migrate", action="store_true", help="apply migrations first; for a single process only")
    return parser.parse_args()


def _serve(settings: Settings) -> None:
    uvicorn.run(
        "app.main:app",
        # With one worker the event loop opens the socket, and for :: it would accept IPv6 only. "" means both.
        host="" if settings.host == "::" and settings.workers == 1 else settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        # Also outside of the application, so that middleware that an owner adds sees the client and not the proxy.
        forwarded_allow_ips=trusted_hosts(settings),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    main()
