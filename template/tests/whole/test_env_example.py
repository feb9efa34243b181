"""`.env.example` and the settings say the same."""

import re
from pathlib import Path

from app.core.config import Settings

PROJECT = Path(__file__).parents[2]
EXAMPLE = (PROJECT / ".env.example").read_text("utf-8")
NAMES = re.findall(r"^(\w+)=", EXAMPLE, re.MULTILINE)


def _interpolated() -> set[str]:
    """What other files of the project take from `.env`."""
    return {name for path in PROJECT.glob("*.yaml") for name in re.findall(r"\$\{(\w+)", path.read_text("utf-8"))}


def test_names_every_setting_and_no_other() -> None:
    settings = {name.upper() for name in Settings.model_fields}

    assert settings <= set(NAMES)
    assert set(NAMES) - settings <= _interpolated()


def test_names_each_once() -> None:
    assert len(NAMES) == len(set(NAMES))


def test_explains_each() -> None:
    lines = EXAMPLE.splitlines()
    for name in NAMES:
        [position] = [number for number, line in enumerate(lines) if line.startswith(f"{name}=")]
        assert lines[position - 1].startswith("# "), name


def test_is_fit_for_development() -> None:
    settings = Settings(_env_file=PROJECT / ".env.example", environment="development")

    assert settings.environment == "development"


def test_shows_the_defaults() -> None:
    written = Settings(_env_file=PROJECT / ".env.example", environment="development")
    default = Settings(environment="development")

    chosen = {"app_name", "cors_origins", "secret_key", "jwt_secret_key", "database_url"}
    assert written.model_dump(exclude=chosen) == default.model_dump(exclude=chosen)
