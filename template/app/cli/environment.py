"""Commands for settings and `.env`."""

import os
import re
import secrets
from pathlib import Path

import typer

from app.cli.refusals import Refused

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"
TARGET = ROOT / ".env"
EMPTY_SECRET = re.compile(r"^(?P<name>\w*(?:SECRET_KEY|PASSWORD))=[ \t]*$", re.MULTILINE)
SECRET_BYTES = 48


def init_env() -> None:
    """Write .env from .env.example, with new secrets. Never overwrites an existing .env."""
    if not EXAMPLE.is_file():
        raise Refused(".env.example is missing. The command copies it to .env.")
    text = EMPTY_SECRET.sub(_fill, EXAMPLE.read_text("utf-8"))
    try:
        descriptor = os.open(TARGET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(".env exists and was not changed. Rename or delete it to get a new one.") from None
    except OSError as error:
        raise Refused(f".env cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    typer.echo("Wrote .env with new secrets. Only you can read it. Do not commit it.")


def check_config() -> None:
    """Check the settings, without starting the application or connecting to anything."""
    from app.components import Components
    from app.core.config import load_settings

    settings = load_settings()
    Components.from_settings(settings)
    typer.echo(f"OK: the application can start with these settings ({settings.environment}).")
    if settings.random_secrets:
        names = " and ".join(settings.random_secrets)
        typer.echo(
            f"{names}: random at each start, which ends all sessions. `python cli.py init-env` writes permanent ones."
        )


def _fill(line: re.Match[str]) -> str:
    return f"{line['name']}={secrets.token_urlsafe(SECRET_BYTES)}"
