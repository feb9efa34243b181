"""Settings from the environment and `.env`: one frozen object, made once and passed to everything that needs it."""

import json
import os
import re
import secrets
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import unquote, urlsplit

from email_validator import validate_email
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core.config_rules import refusals

ROOT = Path(__file__).parents[2]
# `ENV_FILE=…` reads another file than the project's .env, and `ENV_FILE=` none, as in tests.
ENV_FILE = os.environ.get("ENV_FILE", str(ROOT / ".env")) or None
PROJECT = json.loads(ROOT.joinpath("app/project.json").read_text("utf-8"))
MAX_PORT = 65535
ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?")
CONSOLE_MAIL = "console"
URL_CHARACTERS = re.compile(r"[A-Za-z0-9:/@!$&'()*+,;=._~%\[\]-]+")  # RFC 3986, without those of a query
# RFC 9110 §5.6.2, without the asterisk: no header has it, and browsers would take it for all headers.
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'+.^_`|~-]+")


class ConfigurationError(Exception):
    """The process must not start. The message is one line that names settings and never shows a value."""


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _database_url(value: SecretStr) -> SecretStr:
    try:
        url = make_url(value.get_secret_value())
        # What connecting would do. There this error would look like a bug.
        (url.host or "").encode("idna")
        usable = "\0" not in unquote(value.get_secret_value()) and 0 <= (url.port or 0) <= MAX_PORT
    except (ArgumentError, ValueError):
        usable = False
    if not usable:
        # The library's message would quote the URL, password included.
        raise ValueError(f"must be a database URL such as {PROJECT['database_url']}")
    return value


def _origin(value: str) -> str:
    """An origin as browsers send it: in lower case, without a path."""
    if value != "*" and not ORIGIN.fullmatch(value):
        raise ValueError("must list origins such as https://app.example.com, in lower case and without a path")
    return value


def _header_name(value: str) -> str:
    if not HEADER_NAME.fullmatch(value):
        raise ValueError("must list names of headers such as traceparent")
    return value


def _mail_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if url not in {"", f"{CONSOLE_MAIL}:"} and not _is_mail_server(url):
        # Without the URL, which contains a password.
        raise ValueError("must be smtp://user:password@host:587, smtps://user:password@host:465 or console:")
    return value


def _is_mail_server(text: str) -> bool:
    try:
        url = urlsplit(text)
        # Nothing may follow the host: an unquoted / or # of a password would.
        known = url.scheme in {"smtp", "smtps"} and url.hostname and url.port != 0 and url.path in {"", "/"}
    except ValueError:
        return False
    return bool(known and text.isprintable()) and not re.search(r"[\s?#]", text)


def _sender(value: str) -> str:
    """An address with or without a display name, in the form of a header."""
    message = EmailMessage()
    try:
        message["From"] = value
        (sender,) = message["From"].addresses
        found = validate_email(sender.addr_spec, check_deliverability=False, test_environment=True)
        return str(Address(sender.display_name, addr_spec=str(found.ascii_email)))
    except (ValueError, HeaderParseError):
        raise ValueError("must be an address such as noreply@example.com or My App <noreply@example.com>") from None


def _frontend_url(value: str) -> str:
    try:
        url = urlsplit(value)
        known = url.scheme in {"http", "https"} and url.hostname and url.port != 0 and "@" not in url.netloc
    except ValueError:
        known = False
    if not known or not URL_CHARACTERS.fullmatch(value):
        raise ValueError("must be a URL such as https://app.example.com, without a query and a fragment")
    return value.rstrip("/")


def _random_secret(data: dict[str, Any]) -> SecretStr:
    """A secret for this process only. In production a missing secret stays empty, and the rules refuse it."""
    return SecretStr("" if data["environment"] == "production" else secrets.token_urlsafe(48))


def _hash_concurrency() -> int:
    """At most 4. One core is left for everything else, so that many logins do not slow down other requests."""
    return max(1, min((os.cpu_count() or 1) - 1, 4))


T = TypeVar("T")
Days = Annotated[float, Field(gt=0, le=3650)]
CommaSeparated = Annotated[tuple[T, ...], NoDecode, BeforeValidator(_split)]
Origin = Annotated[str, AfterValidator(_origin)]
HeaderName = Annotated[str, AfterValidator(_header_name)]


class Settings(BaseSettings):
    """Every setting is an environment variable of the same name in capitals; `.env.example` explains each."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    app_name: str = Field(default=PROJECT["name"], min_length=1)
    environment: Literal["development", "test", "production"] = "production"
    debug: bool = False
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = SecretStr(PROJECT["database_url"])
    database_pool_size: int = Field(default=5, ge=1, le=1000)

    secret_key: SecretStr = Field(default_factory=_random_secret)
    secret_key_fallbacks: CommaSeparated[SecretStr] = ()
    jwt_secret_key: SecretStr = Field(default_factory=_random_secret)
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
    password_hash_concurrency: int = Field(default_factory=_hash_concurrency, ge=1, le=256)

    rate_limit_enabled: bool = True
    rate_limit_storage_uri: SecretStr = SecretStr("memory://")
    trusted_proxies: CommaSeparated[IPv4Network | IPv6Network] = ()
    cors_origins: CommaSeparated[Origin] = ()
    cors_allow_headers: CommaSeparated[HeaderName] = ()
    docs_enabled: bool = Field(default_factory=lambda data: data["environment"] != "production")
    max_body_bytes: int = Field(default=1024 * 1024, ge=1)

    mail_url: Annotated[SecretStr, AfterValidator(_mail_url)] = Field(
        default_factory=lambda data: SecretStr(f"{CONSOLE_MAIL}:" if data["environment"] == "development" else "")
    )
    mail_from: Annotated[str, AfterValidator(_sender)] | None = None
    frontend_url: Annotated[str, AfterValidator(_frontend_url)] | None = None

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        default_factory=lambda data: "DEBUG" if data["debug"] else "INFO"
    )
    log_format: Literal["json", "console"] = Field(
        default_factory=lambda data: "console" if data["environment"] == "development" else "json"
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=MAX_PORT)
    workers: int = Field(default=1, ge=1, le=256)

    @property
    def production(self) -> bool:
        """Whether the strictest rules apply."""
        return self.environment == "production"

    @property
    def random_secrets(self) -> list[str]:
        """The names of the secrets that were generated for this process and end with it."""
        return [name.upper() for name in ("secret_key", "jwt_secret_key") if name not in self.model_fields_set]

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        if reasons := refusals(self):
            raise ValueError("; ".join(reasons))
        return self


S = TypeVar("S", bound=BaseSettings)


def load(kind: type[S]) -> S:
    """Read settings of this kind from the environment and `.env`.

    Raises:
        ConfigurationError: names every setting that keeps the process from starting.
    """
    try:
        return kind()
    except UnicodeDecodeError:
        raise ConfigurationError(".env: must be text in UTF-8") from None
    except ValidationError as error:
        raise ConfigurationError("; ".join(_reasons(error))) from None


def load_settings() -> Settings:
    """Read the application's settings. See `load`."""
    return load(Settings)


def _reasons(error: ValidationError) -> list[str]:
    reasons = []
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        message = found["msg"].removeprefix("Value error, ")
        if found["type"] != "default_factory_not_called":
            reasons.append(f"{str(found['loc'][0]).upper()}: {message}" if found["loc"] else message)
    return reasons
