"""Argon2id in a few threads of its own: the event loop stays free, and the memory is bounded."""

import asyncio
import base64
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import TypeVar, TypeVarTuple

import argon2
import structlog
from argon2 import PasswordHasher
from argon2.exceptions import HashingError, InvalidHashError, VerificationError

from app.core.config import Settings
from app.core.exceptions import Unavailable

# Half of the requests that this process accepts at the same time: a flood of logins leaves room for others.
MAX_PENDING = 128
# Otherwise a hash on each core makes other requests wait for several time slices.
LOWER_PRIORITY = 10
# What Argon2 says if the machine, and not the hash or the password, is the reason.
NO_RESOURCES = {"Memory allocation error", "Threading failure"}

T = TypeVar("T")
Args = TypeVarTuple("Args")

log = structlog.get_logger("app.security")


class HashingBusy(Unavailable):
    """More logins are waiting than can be served in a few seconds, or the machine has no memory for a hash."""

    code = "hashing_busy"


class Passwords:
    """Hashes and verifies. Never hold a database connection meanwhile: a hash takes tens of milliseconds."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_cost,
            parallelism=settings.argon2_parallelism,
        )
        self._threads = _threads(settings.password_hash_concurrency)
        self._pending = 0
        self._dummy = _random_hash(settings)

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
        except (VerificationError, InvalidHashError) as error:
            if str(error) in NO_RESOURCES:
                raise
            return False

    async def _in_thread(self, function: Callable[[*Args], T], *args: *Args) -> T:
        if self._pending >= MAX_PENDING:
            raise HashingBusy
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)
        except (HashingError, VerificationError) as error:
            log.error("passwords.not_hashed", reason=str(error))  # noqa: TRY400  the traceback shows nothing more
            raise HashingBusy from error
        finally:
            self._pending -= 1


def _random_hash(settings: Settings) -> str:
    """A hash of no password. To make one of a password would cost each process the memory of a hash."""
    cost = f"m={settings.argon2_memory_cost},t={settings.argon2_time_cost},p={settings.argon2_parallelism}"
    lengths = (argon2.DEFAULT_RANDOM_SALT_LENGTH, argon2.DEFAULT_HASH_LENGTH)
    salt, digest = (base64.b64encode(os.urandom(length)).decode().rstrip("=") for length in lengths)
    return f"$argon2id$v=19${cost}${salt}${digest}"


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    """One for the whole process, because the memory of the process is to be bounded."""
    return ThreadPoolExecutor(count, "hash", _lower_priority)


def _lower_priority() -> None:
    """Let the event loop and the database go first. Only on Linux does a thread have a priority of its own."""
    if sys.platform == "linux":
        # Without the priority, too, people can sign in.
        with suppress(OSError):
            os.nice(LOWER_PRIORITY)
