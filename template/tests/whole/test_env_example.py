"""`.env.example` matches the settings."""

import re
from inspect import getmembers, isclass
from pathlib import Path

from pydantic_settings import BaseSettings
from sqlalchemy.engine import make_url

from app.core.config import PROJECT, Settings
from app.db.dialects import dialect_of

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
NAMES = re.findall(r"^(\w+)=", EXAMPLE, re.MULTILINE)


def _interpolated() -> set[str]:
    """The names that other files of the project read from `.env`."""
    return {name for path in ROOT.glob("*.yaml") for name in re.findall(r"\$\{(\w+)", path.read_text("utf-8"))}


def _settings() -> set[str]:
    """The names of all settings, including those of the database module."""
    module = dialect_of(make_url(PROJECT["database_url"]))
    kinds: list[type[BaseSettings]] = [Settings]
    kinds += [kind for _, kind in getmembers(module, isclass) if issubclass(kind, BaseSettings)]
    return {name.upper() for kind in kinds for name in kind.model_fields}


def test_the_example_has_every_setting_and_no_other() -> None:
    settings = _settings()

    assert settings <= set(NAMES)
    assert set(NAMES) - settings <= _interpolated()


def test_the_example_has_every_setting_once() -> None:
    assert len(NAMES) == len(set(NAMES))


def test_the_example_explains_every_setting() -> None:
    lines = EXAMPLE.splitlines()
    for name in NAMES:
        [position] = [number for number, line in enumerate(lines) if line.startswith(f"{name}=")]
        assert lines[position - 1].startswith("# "), name


def test_the_example_can_be_used_in_development() -> None:
    settings = Settings(_env_file=ROOT / ".env.example", environment="development")

    assert settings.environment == "development"


def test_the_example_shows_the_defaults() -> None:
    written = Settings(_env_file=ROOT / ".env.example", environment="development")
    default = Settings(environment="development")

    chosen = {"app_name", "cors_origins", "secret_key", "jwt_secret_key", "database_url"}
    assert written.model_dump(exclude=chosen) == default.model_dump(exclude=chosen)
