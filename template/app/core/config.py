"""Settings from the environment and `.env`: one frozen object, made once, handed to everything that needs it."""

import json
import os
import secrets
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core.config_rules import refusals

PROJECT = json.loads(Path(__file__).parents[1].joinpath("project.json").read_text("utf-8"))


class ConfigurationError(Exception):
    """The process must not start. Its text is one line that names settings and never shows a value."""


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _database_url(value: SecretStr) -> SecretStr:
    try:
        make_url(value.get_secret_value())
    except (ArgumentError, ValueError):
        # Of the port too, which is where a password lands if the host is forgotten.
        raise ValueError("must be a database URL, as driver://user:password@host:port/name") from None
    return value


def _throwaway_secret(data: dict[str, Any]) -> SecretStr:
    """In production a missing secret stays missing, and the rules refuse it."""
    return SecretStr("" if data["environment"] == "production" else secrets.token_urlsafe(48))


T = TypeVar("T")
Days = Annotated[float, Field(gt=0, le=3650)]
CommaSeparated = Annotated[tuple[T, ...], NoDecode, BeforeValidator(_split)]
# As browsers write it: in lower case, without a path.
Origin = Annotated[str, Field(pattern=r"^(\*|https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?)$")]


class Settings(BaseSettings):
    """Every setting is an environment variable of the same name in capitals; `.env.example` explains each."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    app_name: str = Field(default=PROJECT["name"], min_length=1)
    environment: Literal["development", "test", "production"] = "production"
    debug: bool = False
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = SecretStr(PROJECT["database_url"])

    secret_key: SecretStr = Field(default_factory=_throwaway_secret)
    secret_key_fallbacks: CommaSeparated[SecretStr] = ()
    jwt_secret_key: SecretStr = Field(default_factory=_throwaway_secret)
    jwt_secret_key_fallbacks: CommaSeparated[SecretStr] = ()

    jwt_access_token_expire_minutes: float = Field(default=15, gt=0, le=60 * 24 * 365)
    jwt_refresh_token_expire_days: Days = 30
    jwt_refresh_token_idle_days: Days = Field(
        default_factory=lambda data: min(14.0, data["jwt_refresh_token_expire_days"])
    )
    jwt_refresh_token_grace_seconds: float = Field(default=10, ge=0, le=60)
    jwt_leeway_seconds: float = Field(default=10, ge=0, le=60)
    max_sessions_per_user: int = Field(default=50, ge=1, le=10_000)
    reauthentication_minutes: float = Field(default=10, gt=0)

    password_min_length: int = Field(default=15, ge=8, le=256)
    argon2_memory_cost: int = Field(default=19456, ge=8, le=4 * 1024 * 1024)
    argon2_time_cost: int = Field(default=2, ge=1, le=100)
    argon2_parallelism: int = Field(default=1, ge=1, le=64)
    password_hash_concurrency: int = Field(default_factory=lambda: min(os.cpu_count() or 1, 4), ge=1, le=256)

    rate_limit_enabled: bool = True
    rate_limit_storage_uri: SecretStr = SecretStr("memory://")
    trusted_proxies: CommaSeparated[IPv4Network | IPv6Network] = ()
    cors_origins: CommaSeparated[Origin] = ()
    docs_enabled: bool = Field(default_factory=lambda data: data["environment"] != "production")
    max_body_bytes: int = Field(default=1024 * 1024, ge=1)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        default_factory=lambda data: "DEBUG" if data["debug"] else "INFO"
    )
    log_format: Literal["json", "console"] = Field(
        default_factory=lambda data: "console" if data["environment"] == "development" else "json"
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=256)

    @property
    def production(self) -> bool:
        """Whether the strictest rules hold."""
        return self.environment == "production"

    @property
    def throwaway_secrets(self) -> list[str]:
        """The secrets that were made up for this process and die with it."""
        return [name.upper() for name in ("secret_key", "jwt_secret_key") if name not in self.model_fields_set]

    @model_validator(mode="after")
    def _keep_the_rules(self) -> Self:
        if reasons := refusals(self):
            raise ValueError("; ".join(reasons))
        return self


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        ConfigurationError: naming every setting that keeps the process from starting.
    """
    try:
        return Settings()
    except UnicodeDecodeError:
        raise ConfigurationError(".env: must be text in UTF-8") from None
    except ValidationError as error:
        raise ConfigurationError("; ".join(_reasons(error))) from None


def _reasons(error: ValidationError) -> list[str]:
    reasons = []
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        message = found["msg"].removeprefix("Value error, ")
        if found["type"] != "default_factory_not_called":
            reasons.append(f"{str(found['loc'][0]).upper()}: {message}" if found["loc"] else message)
    return reasons
