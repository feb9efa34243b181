"""What the services that deal with credentials need, made once for a process."""

from dataclasses import dataclass
from typing import Self

from app.core.config import Settings
from app.core.security.passwords import Passwords
from app.core.security.session_policy import SessionPolicy
from app.core.security.tokens import TokenIssuer
from app.core.throttling import Throttle


@dataclass(frozen=True, slots=True)
class Security:
    """Hashing, throttling, tokens and life times."""

    passwords: Passwords
    throttle: Throttle
    tokens: TokenIssuer
    policy: SessionPolicy

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Make all four. Hashes once, for the dummy that unknown users are checked against."""
        return cls(Passwords(settings), Throttle(settings), TokenIssuer.of(settings), SessionPolicy.of(settings))
