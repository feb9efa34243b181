"""The settings in `.env`."""

import os
import re
import secrets
from pathlib import Path

import typer

from app.cli.refusals import Refused

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"
TARGET = Path(".env")
EMPTY_SECRET = re.compile(r"^(?P<name>\w*(?:SECRET_KEY|PASSWORD))=[ \t]*$", re.MULTILINE)
SECRET_BYTES = 48


def init_env() -> None:
    """Write .env with fresh secrets. Made from .env.example; never overwrites."""
    if not EXAMPLE.is_file():
        raise Refused(".env.example is missing; it is what .env is made from.")
    text = EMPTY_SECRET.sub(_fill, EXAMPLE.read_text("utf-8"))
    try:
        descriptor = os.open(TARGET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(".env exists already and was left alone. Move it away to have a new one.") from None
    except OSError as error:
        raise Refused(f".env cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    typer.echo("Wrote .env with fresh secrets. Only you can read it; keep it out of version control.")


def check_config() -> None:
    """Tell whether the application would start. Opens nothing."""
    from app.components import Components
    from app.core.config import load_settings

    settings = load_settings()
    Components.of(settings)
    typer.echo(f"OK: these settings are fit for {settings.environment}.")
    if settings.throwaway_secrets:
        names = " and ".join(settings.throwaway_secrets)
        typer.echo(
            f"{names} will be made up at each start, which ends all sessions; `python cli.py init-env` keeps them."
        )


def _fill(line: re.Match[str]) -> str:
    return f"{line['name']}={secrets.token_urlsafe(SECRET_BYTES)}"
