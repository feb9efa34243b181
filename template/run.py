"""Serve the application: `python run.py`."""

import sys

import uvicorn

from app.core.config import ConfigurationError, load_settings

GRACEFUL_SHUTDOWN_SECONDS = 8


def main() -> None:
    """Read the settings, refuse in one line or serve until told to stop."""
    try:
        settings = load_settings()
    except ConfigurationError as error:
        sys.exit(f"Configuration error: {error}")
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
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    main()
