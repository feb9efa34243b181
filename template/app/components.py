"""What a process makes once and every service draws from."""

from dataclasses import dataclass
from typing import Self

from app.core.config import Settings
from app.core.pagination import Cursors
from app.core.security.encryption import Sealer
from app.core.security.toolbox import Security
from app.db.database import Database


@dataclass(frozen=True, slots=True)
class Components:
    """Belongs to one application, so that several can live in one process, as they do in tests."""

    settings: Settings
    database: Database
    security: Security
    cursors: Cursors

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Make everything; connections are opened when they are first needed.

        Raises:
            ConfigurationError: for a database or a storage that this project cannot open.
        """
        cursors = Cursors(Sealer([settings.secret_key, *settings.secret_key_fallbacks], "cursor"))
        return cls(settings, Database(settings), Security.of(settings), cursors)
