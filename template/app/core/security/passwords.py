"""Argon2id in threads behind a limiter: the event loop stays free, and the memory is bounded."""

import os
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.config import Settings
from app.core.exceptions import Unavailable
from app.core.security import base64url

# Half of the requests that this process accepts at the same time: a flood of logins leaves room for others.
MAX_PENDING = 128

T = TypeVar("T")
Args = TypeVarTuple("Args")


class HashingBusy(Unavailable):
    """More logins are waiting than can be served in a few seconds."""

    code = "hashing_busy"


class Passwords:
    """Hashes and verifies. Never hold a database connection meanwhile: a hash takes tens of milliseconds."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_cost,
            parallelism=settings.argon2_parallelism,
        )
        self._limiter = CapacityLimiter(settings.password_hash_concurrency)
        self._pending = 0
        self._dummy = self._hasher.hash(base64url.encode(os.urandom(24)))

    async def hash(self, password: str) -> str:
        """A PHC string with a new salt."""
        return await self._in_thread(self._hasher.hash, password)

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether it is the password. Without a hash a dummy is verified: an unknown user takes the same time."""
        matches = await self._in_thread(self._matches, password, hashed or self._dummy)
        return matches and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than those of the settings."""
        return self._hasher.check_needs_rehash(hashed)

    def _matches(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, function: Callable[[*Args], T], *args: *Args) -> T:
        if self._pending >= MAX_PENDING:
            raise HashingBusy
        # Counted here, because the limiter counts a task late, and until then others would pass this check.
        self._pending += 1
        try:
            return await to_thread.run_sync(function, *args, limiter=self._limiter)
        finally:
            self._pending -= 1
