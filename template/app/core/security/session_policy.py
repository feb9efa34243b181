"""How long sessions live."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from app.core.config import Settings


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """The settings of sessions, as spans of time."""

    absolute: timedelta
    idle: timedelta
    grace: timedelta
    reauthentication: timedelta
    maximum: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read the settings."""
        return cls(
            absolute=timedelta(days=settings.jwt_refresh_token_expire_days),
            idle=timedelta(days=settings.jwt_refresh_token_idle_days),
            grace=timedelta(seconds=settings.jwt_refresh_token_grace_seconds),
            reauthentication=timedelta(minutes=settings.reauthentication_minutes),
            maximum=settings.max_sessions_per_user,
        )
