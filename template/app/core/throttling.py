"""Limits on guessing, counted before the work is done and given back when the guess was right."""

import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

import structlog
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import ConfigurationError as LimitsConfigurationError
from limits.errors import StorageError
from limits.storage import storage_from_string

from app.core.config import ConfigurationError, Settings
from app.core.exceptions import AppError, TooManyRequests, Unavailable

# How long a shared storage that failed is left alone before it is tried again.
RETRY_STORAGE_SECONDS = 5.0

log = structlog.get_logger("app.throttling")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of one thing in a window that begins with the first."""

    name: str
    rate: RateLimitItem


LOGIN_FAILURES = Limit("login-failures", RateLimitItemPerMinute(5, 15, namespace="login-failures"))
LOGIN_ATTEMPTS = Limit("login-attempts", RateLimitItemPerMinute(30, 5, namespace="login-attempts"))
REGISTRATIONS = Limit("registrations", RateLimitItemPerHour(10, 1, namespace="registrations"))
REFRESH_FAILURES = Limit("refresh-failures", RateLimitItemPerMinute(60, 1, namespace="refresh-failures"))
PASSWORD_FAILURES = Limit("password-failures", RateLimitItemPerMinute(5, 15, namespace="password-failures"))


class Throttle:
    """Counts in `RATE_LIMIT_STORAGE_URI`; while that is down, in this process: less strict, never open."""

    def __init__(self, settings: Settings) -> None:
        self._enabled = settings.rate_limit_enabled
        self._local = FixedWindowRateLimiter(_storage("memory://"))
        self._shared = FixedWindowRateLimiter(_storage(settings.rate_limit_storage_uri.get_secret_value()))
        self._shared_again_at = 0.0
        self._degraded = False

    async def consume(self, limit: Limit, *identifiers: str) -> None:
        """Count one.

        Raises:
            TooManyRequests: with the seconds to wait, if that is one too many.
        """
        if not self._enabled:
            return
        key = _key(identifiers)
        limiter = self._limiter()
        try:
            allowed = await limiter.hit(limit.rate, key)
            resets_at = 0.0 if allowed else (await limiter.get_window_stats(limit.rate, key)).reset_time
        except StorageError:
            self._degrade()
            await self.consume(limit, *identifiers)
            return
        if limiter is self._shared:
            self._recover()
        if not allowed:
            # The library counts what it refuses too: then who was let in would not get all of theirs back.
            await self._give_back(limit, identifiers)
            raise TooManyRequests(headers={"Retry-After": str(max(1, math.ceil(resets_at - time.time())))})

    @asynccontextmanager
    async def failures(self, limit: Limit, *identifiers: str) -> AsyncIterator[None]:
        """Count one, and give it back unless the block is refused with an error of the client's."""
        await self.consume(limit, *identifiers)
        try:
            yield
        except AppError as error:
            if isinstance(error, Unavailable):
                await self._give_back(limit, identifiers)
            raise
        await self._give_back(limit, identifiers)

    async def _give_back(self, limit: Limit, identifiers: tuple[str, ...]) -> None:
        if not self._enabled:
            return
        storage: Any = self._limiter().storage
        try:
            counter = limit.rate.key_for(_key(identifiers)), limit.rate.get_expiry()
            if await storage.incr(*counter, amount=-1) < 0:
                # It was counted in the window before: this one owes nothing.
                await storage.incr(*counter, amount=1)
        except StorageError:
            self._degrade()

    def _limiter(self) -> FixedWindowRateLimiter:
        return self._local if time.monotonic() < self._shared_again_at else self._shared

    def _degrade(self) -> None:
        """Say so once, however many requests and retries find it down."""
        if not self._degraded:
            log.warning("throttling.storage_unavailable", retry_in_seconds=RETRY_STORAGE_SECONDS)
        self._degraded = True
        self._shared_again_at = time.monotonic() + RETRY_STORAGE_SECONDS

    def _recover(self) -> None:
        if self._degraded:
            log.info("throttling.storage_available")
        self._degraded = False


def _key(identifiers: tuple[str, ...]) -> str:
    """The storage may be shared and dumped: it holds no address, only its digest."""
    return sha256("\n".join(identifiers).encode()).hexdigest()


def _storage(uri: str) -> Storage:
    timeouts: dict[str, float | str | bool] = {"socket_timeout": 1, "socket_connect_timeout": 1}
    options = {"implementation": "redispy", **timeouts} if "redis" in uri else {}
    try:
        return cast("Storage", storage_from_string(f"async+{uri}", wrap_exceptions=True, **options))
    except (LimitsConfigurationError, ValueError, ImportError) as error:
        raise ConfigurationError("RATE_LIMIT_STORAGE_URI: is no storage that the limits library can open") from error
