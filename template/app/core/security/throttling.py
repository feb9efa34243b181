"""Limits on guessing. An attempt whose check is expensive is counted before it, and given back if it was right."""

import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, cast

import structlog
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import ConfigurationError as LimitsConfigurationError
from limits.storage import storage_from_string

from app.core.config import ConfigurationError, Settings
from app.core.exceptions import AppError, TooManyRequests, Unavailable

# Before an unavailable storage is tried again.
RETRY_STORAGE_SECONDS = 5.0

LOGIN_FAILURES = RateLimitItemPerMinute(5, 15, namespace="login-failures")
LOGIN_ATTEMPTS = RateLimitItemPerMinute(30, 5, namespace="login-attempts")
REGISTRATIONS = RateLimitItemPerHour(10, 1, namespace="registrations")
REFRESH_FAILURES = RateLimitItemPerMinute(60, 1, namespace="refresh-failures")
PASSWORD_FAILURES = RateLimitItemPerMinute(5, 15, namespace="password-failures")
# Mails: what one user or one client may have sent.
VERIFICATION_MAILS = RateLimitItemPerHour(3, 1, namespace="verification-mails")
EMAIL_CHANGES = RateLimitItemPerHour(10, 1, namespace="email-changes")
RESET_REQUESTS = RateLimitItemPerHour(10, 1, namespace="reset-requests")
RESET_MAILS = RateLimitItemPerHour(3, 1, namespace="reset-mails")
RESET_ATTEMPTS = RateLimitItemPerHour(20, 1, namespace="reset-attempts")

log = structlog.get_logger("app.throttling")


class Throttle:
    """Counts in `RATE_LIMIT_STORAGE_URI`. While that is down it counts in this process, which is less strict."""

    def __init__(self, settings: Settings) -> None:
        self._enabled = settings.rate_limit_enabled
        self._local = FixedWindowRateLimiter(_storage("memory://"))
        self._shared = FixedWindowRateLimiter(_storage(settings.rate_limit_storage_uri.get_secret_value()))
        self._shared_again_at = 0.0
        self._degraded = False

    async def consume(self, limit: RateLimitItem, *identifiers: str) -> None:
        """Count one attempt.

        Raises:
            TooManyRequests: with the seconds to wait, if the limit is exceeded.
        """
        await self._require(limit, identifiers, count=True)

    @asynccontextmanager
    async def failures(self, limit: RateLimitItem, *identifiers: str) -> AsyncIterator[None]:
        """Count one attempt, and give it back unless the block raises an error that is the client's fault.

        So of many guesses at the same time, not more than the limit are checked.
        """
        await self.consume(limit, *identifiers)
        try:
            yield
        except AppError as error:
            if isinstance(error, Unavailable):
                await self._give_back(limit, identifiers)
            raise
        await self._give_back(limit, identifiers)

    @asynccontextmanager
    async def later_failures(self, limit: RateLimitItem, *identifiers: str) -> AsyncIterator[None]:
        """Count the block only after it has raised such an error: any number of right attempts may run at once."""
        await self._require(limit, identifiers, count=False)
        try:
            yield
        except AppError as error:
            if not isinstance(error, Unavailable):
                await self.consume(limit, *identifiers)
            raise

    async def _require(self, limit: RateLimitItem, identifiers: tuple[str, ...], *, count: bool) -> None:
        if not self._enabled:
            return
        key = _key(identifiers)
        limiter = self._limiter()
        try:
            allowed = await (limiter.hit if count else limiter.test)(limit, key)
            resets_at = 0.0 if allowed else (await limiter.get_window_stats(limit, key)).reset_time
        except Exception as error:  # noqa: BLE001  not every storage wraps its errors
            self._degrade(limiter, error)
            await self._require(limit, identifiers, count=count)
            return
        if limiter is self._shared:
            self._recover()
        if not allowed:
            if count:
                # The library counts refused attempts too; undo this one.
                await self._give_back(limit, identifiers)
            raise TooManyRequests(headers={"Retry-After": str(max(1, math.ceil(resets_at - time.time())))})

    async def _give_back(self, limit: RateLimitItem, identifiers: tuple[str, ...]) -> None:
        if not self._enabled:
            return
        limiter = self._limiter()
        storage: Any = limiter.storage
        try:
            counter = limit.key_for(_key(identifiers)), limit.get_expiry()
            if await storage.incr(*counter, amount=-1) < 0:
                # The attempt was counted in an earlier window: there is nothing to undo.
                await storage.incr(*counter, amount=1)
        except Exception as error:  # noqa: BLE001  not every storage wraps its errors
            self._degrade(limiter, error)

    def _limiter(self) -> FixedWindowRateLimiter:
        return self._local if time.monotonic() < self._shared_again_at else self._shared

    def _degrade(self, limiter: FixedWindowRateLimiter, error: Exception) -> None:
        """Log it once, however many requests and retries find the storage down."""
        if limiter is self._local:
            raise error
        if not self._degraded:
            reason = type(error.__cause__ or error).__name__
            log.warning("throttling.storage_unavailable", reason=reason, retry_in_seconds=RETRY_STORAGE_SECONDS)
        self._degraded = True
        self._shared_again_at = time.monotonic() + RETRY_STORAGE_SECONDS

    def _recover(self) -> None:
        if self._degraded:
            log.info("throttling.storage_available")
        self._degraded = False


def _key(identifiers: tuple[str, ...]) -> str:
    """Only a digest: a shared storage must not contain addresses."""
    return sha256("\n".join(identifiers).encode()).hexdigest()


def _storage(uri: str) -> Storage:
    timeouts: dict[str, float | str | bool] = {"socket_timeout": 1, "socket_connect_timeout": 1}
    options = {"implementation": "redispy", **timeouts} if "redis" in uri else {}
    try:
        return cast("Storage", storage_from_string(f"async+{uri}", wrap_exceptions=True, **options))
    except (LimitsConfigurationError, ValueError, ImportError) as error:
        raise ConfigurationError("RATE_LIMIT_STORAGE_URI: the limits library cannot open this storage") from error
