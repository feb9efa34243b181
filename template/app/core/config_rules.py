"""Rules between settings. Each message names the setting and never its value."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.config import Settings

MINIMUM_SECRET_BYTES = 32
# Placeholder words, an unset variable, a repeated short text, and the key of FastAPI's tutorial. Each is too long to
# appear in a random secret by chance.
PLACEHOLDER = re.compile(
    r"change.?(me|this|it)|placeholder|replace.?(me|this)|your[-_. ]|your.?secret|example|insecure|default|generate"
    r"|please|do.?not.?use|todo[-_:. ]"
    r"|^(<.*>|\$[{(].*[})])$|^(?P<unit>.{1,12}?)(?P=unit)+$|^09d25e094faa6ca2556c818166b7a956",
    re.IGNORECASE,
)
MINIMUM_DISTINCT_CHARACTERS = 6
MAXIMUM_MINUTES = 60 * 24 * 365

# OWASP's Password Storage Cheat Sheet: each pair of memory (KiB) and passes is equally strong.
ARGON2_EQUIVALENTS = ((47104, 1), (19456, 2), (12288, 3), (9216, 4), (7168, 5))


def refusals(settings: "Settings") -> list[str]:
    """The reasons why a process with these settings must not start; empty if it may start."""
    return [
        *_secrets(settings),
        *_lifetimes(settings),
        *_hashing(settings),
        *_workers(settings),
        *_mails(settings),
        *_production(settings),
    ]


def _secrets(settings: "Settings") -> Iterator[str]:
    pairs = {
        "SECRET_KEY": (settings.secret_key, settings.secret_key_fallbacks),
        "JWT_SECRET_KEY": (settings.jwt_secret_key, settings.jwt_secret_key_fallbacks),
    }
    for name, (current, fallbacks) in pairs.items():
        if problem := _weakness(current.get_secret_value()):
            yield f"{name}: {problem}"
        if any(_weakness(key.get_secret_value()) for key in fallbacks):
            yield f"{name}_FALLBACKS: each key needs {MINIMUM_SECRET_BYTES} bytes and must not be a placeholder"
    own, signing = ({key.get_secret_value() for key in (current, *older)} - {""} for current, older in pairs.values())
    if own & signing:
        yield "JWT_SECRET_KEY, JWT_SECRET_KEY_FALLBACKS: must differ from SECRET_KEY and its fallbacks"


def _weakness(secret: str) -> str | None:
    if not secret:
        return "is missing; `python cli.py init-env` writes a .env with fresh secrets"
    # Bytes that are not UTF-8 arrive as lone surrogates, which are not printable.
    if not secret.isprintable():
        return "must be printable text in UTF-8"
    if len(secret.encode()) < MINIMUM_SECRET_BYTES:
        return f"is shorter than {MINIMUM_SECRET_BYTES} bytes"
    if PLACEHOLDER.search(secret) or len(set(secret)) < MINIMUM_DISTINCT_CHARACTERS:
        return "is a placeholder; `python cli.py init-env` makes fresh secrets"
    return None


def _lifetimes(settings: "Settings") -> Iterator[str]:
    if settings.jwt_refresh_token_idle_days > settings.jwt_refresh_token_expire_days:
        yield "JWT_REFRESH_TOKEN_IDLE_DAYS: must not exceed JWT_REFRESH_TOKEN_EXPIRE_DAYS"
    if settings.reauthentication_minutes > MAXIMUM_MINUTES:
        yield f"REAUTHENTICATION_MINUTES: must not exceed {MAXIMUM_MINUTES}, a year"


def _hashing(settings: "Settings") -> Iterator[str]:
    cost = (settings.argon2_memory_cost, settings.argon2_time_cost)
    strong = any(cost[0] >= memory and cost[1] >= passes for memory, passes in ARGON2_EQUIVALENTS)
    if settings.environment != "test" and not strong:
        yield "ARGON2_MEMORY_COST, ARGON2_TIME_COST: weaker than OWASP's 19456 KiB with 2 passes or its equivalents"
    if settings.argon2_memory_cost < 8 * settings.argon2_parallelism:
        yield "ARGON2_MEMORY_COST: needs at least 8 KiB for each lane of ARGON2_PARALLELISM"


def _workers(settings: "Settings") -> Iterator[str]:
    if settings.workers > 1 and settings.random_secrets and not settings.production:
        yield f"{', '.join(settings.random_secrets)}: must be set when WORKERS > 1, or each worker generates its own"


def _mails(settings: "Settings") -> Iterator[str]:
    if settings.mail_url.get_secret_value().startswith("smtp"):
        if not settings.mail_from:
            yield "MAIL_FROM: is needed with MAIL_URL"
        if not settings.frontend_url:
            yield "FRONTEND_URL: is needed with MAIL_URL, for the links in mails"


def _production(settings: "Settings") -> Iterator[str]:
    if not settings.production:
        return
    if settings.debug:
        yield "DEBUG: must be off in production"
    if "*" in settings.cors_origins:
        yield "CORS_ORIGINS: must list exact origins in production, not *"
    if settings.mail_url.get_secret_value().startswith("console"):
        yield "MAIL_URL: must not be console: in production, which prints links that give access to accounts"
    if (settings.frontend_url or "").startswith("http:"):
        yield "FRONTEND_URL: must begin with https:// in production"
    if settings.workers > 1 and settings.rate_limit_storage_uri.get_secret_value().lower().startswith("memory:"):
        yield "RATE_LIMIT_STORAGE_URI: must be shared (redis://…) when WORKERS > 1, or each worker counts for itself"
