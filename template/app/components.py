"""The objects that each application creates once."""

from dataclasses import dataclass
from typing import Self

from app.core.config import Settings
from app.core.mail import Mailer
from app.core.pagination import Cursors
from app.core.security.access_tokens import AccessTokens
from app.core.security.action_tokens import ActionTokens
from app.core.security.encryption import Sealer
from app.core.security.password_policy import PasswordPolicy
from app.core.security.passwords import Passwords
from app.core.security.refresh_tokens import RefreshTokens
from app.core.security.throttling import Throttle
from app.db.database import Database


@dataclass(frozen=True, slots=True)
class Components:
    """Belongs to one application: several can live in one process, as in tests. Services take what they need."""

    settings: Settings
    database: Database
    passwords: Passwords
    password_policy: PasswordPolicy
    access_tokens: AccessTokens
    refresh_tokens: RefreshTokens
    action_tokens: ActionTokens
    throttle: Throttle
    column_sealer: Sealer
    cursors: Cursors
    mailer: Mailer

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Create all components. Connections are opened on first use.

        Raises:
            ConfigurationError: for a database or a storage that this project cannot open.
        """
        secrets = [settings.secret_key, *settings.secret_key_fallbacks]
        return cls(
            settings=settings,
            database=Database(settings),
            passwords=Passwords(settings),
            password_policy=PasswordPolicy(settings),
            access_tokens=AccessTokens(settings),
            refresh_tokens=RefreshTokens(secrets),
            action_tokens=ActionTokens(secrets),
            throttle=Throttle(settings),
            column_sealer=Sealer(secrets, "columns"),
            cursors=Cursors(Sealer(secrets, "cursor")),
            mailer=Mailer(settings),
        )
