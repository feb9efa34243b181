"""Accounts in the database."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, String, bindparam, delete, union, update
from sqlalchemy import select as select_columns
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.exceptions import EmailTaken
from app.core.pagination import Cursors, PageQuery, Slice
from app.db.database import Errors
from app.db.search import searchable
from app.models.users import Role, User
from app.repositories.base import Listing, Repository, columns_of

ERRORS: Errors = {"uq_users_email": EmailTaken}


class Credentials(NamedTuple):
    """What a password check needs, from one read: the epoch belongs to the same moment as the hash."""

    id: int
    public_id: UUID
    password_hash: str
    is_active: bool
    auth_epoch: int
    email: str
    email_verified_at: datetime | None


# For work that has to take as long without an account.
NOBODY = Credentials(0, UUID(int=0), "", is_active=False, auth_epoch=0, email="", email_verified_at=None)
_CREDENTIALS = select_columns(*(getattr(User, name) for name in Credentials._fields))
_BY_EMAIL = _CREDENTIALS.where(User.email == bindparam("email"))
_BY_ID = _CREDENTIALS.where(User.id == bindparam("id"))


# After every text that begins with the prefix. As literals, because with parameters the database may choose a plan that
# reads the whole table for a rare prefix, although an index could find it.
_AFTER_ALL = "\U0010ffff"
_FROM = bindparam("prefix", type_=String, literal_execute=True)
_TO = bindparam("prefix_end", type_=String, literal_execute=True)
_SEARCHED = (User.email, User.first_name_folded, User.last_name_folded)
# One search for each column, because not every database uses several indexes for conditions that are joined by OR.
_MATCHES = union(
    *(select_columns(User.id).where(column >= _FROM, column < _TO).correlate(None) for column in _SEARCHED)
)
_FILTERS = {
    "prefix": User.id.in_(_MATCHES),
    "role": User.role == bindparam("role"),
    "is_active": User.is_active == bindparam("is_active"),
}
_ROWS = select_columns(*columns_of(User))
_ROW = _ROWS.where(User.public_id == bindparam("public_id"))
_ACTIVE_ADMINS = (
    select_columns(User.id).where(User.role == Role.ADMIN, User.is_active).order_by(User.id).with_for_update()
)


@cache
def _listing(filters: frozenset[str]) -> Listing:
    return Listing(_ROWS.where(*(_FILTERS[name] for name in sorted(filters))), User.id)


class UserQueries:
    """Accounts as rows, as administrators see them."""

    def __init__(self, connection: AsyncConnection, cursors: Cursors) -> None:
        self.connection = connection
        self.cursors = cursors

    async def one(self, public_id: UUID) -> Row[*tuple[Any, ...]] | None:
        """Any account."""
        return (await self.connection.execute(_ROW, {"public_id": public_id})).one_or_none()

    async def matching(self, query: PageQuery, prefix: str, role: Role | None, *, is_active: bool | None) -> Slice:
        """Accounts whose address, first or last name begins with the prefix, of one role and state if given."""
        given = {"prefix": searchable(prefix) or None, "role": role, "is_active": is_active}
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        scope = f"users:{values}"
        listing = _listing(frozenset(values))
        if "prefix" in values:
            values["prefix_end"] = values["prefix"] + _AFTER_ALL
        return await listing.read(self.connection, query, self.cursors, scope, **values)


class UserRepository(Repository[User]):
    """Conditional updates return whether they found their row: another request may write between a read and a write."""

    model = User

    async def credentials_by_email(self, email: str) -> Credentials | None:
        """The credentials of the account with this address."""
        row = (await self.session.execute(_BY_EMAIL, {"email": email})).one_or_none()
        return Credentials(*row) if row else None

    async def credentials_by_id(self, user_id: int) -> Credentials | None:
        """The credentials of this account."""
        row = (await self.session.execute(_BY_ID, {"id": user_id})).one_or_none()
        return Credentials(*row) if row else None

    async def active(self, public_id: UUID) -> User | None:
        """An account that others may see."""
        return await self.one_or_none(self.select().where(User.public_id == public_id, User.is_active))

    async def by_email(self, email: str) -> User | None:
        """The account with this address."""
        return await self.one_or_none(self.select().where(User.email == email))

    async def all(self) -> list[User]:
        """Every account, oldest first."""
        return list((await self.session.scalars(self.select().order_by(User.id))).all())

    async def locked(self, user_id: int) -> User | None:
        """The account, locked until the transaction ends."""
        return await self.one_or_none(self.select().where(User.id == user_id).with_for_update())

    async def locked_by_public_id(self, public_id: UUID) -> User | None:
        """The account with an id that a client sent, locked until the transaction ends."""
        return await self.one_or_none(self.select().where(User.public_id == public_id).with_for_update())

    async def locked_by_email(self, email: str) -> User | None:
        """The account with this address, locked until the transaction ends."""
        return await self.one_or_none(self.select().where(User.email == email).with_for_update())

    async def lock_admins(self) -> list[int]:
        """The keys of all active administrators, locked until the transaction ends.

        Whatever may remove one takes these locks first, so that the last two cannot remove each other.
        """
        return list((await self.session.scalars(_ACTIVE_ADMINS)).all())

    async def record_login(self, user: Credentials, now: datetime) -> bool:
        """False if the account was disabled, deleted or given a new epoch since the credentials were read."""
        statement = (
            update(User)
            .where(User.id == user.id, User.auth_epoch == user.auth_epoch, User.is_active)
            .values(last_login_at=now, updated_at=User.updated_at)
            .returning(User.id)
        )
        return (await self.session.scalars(statement)).one_or_none() is not None

    async def rehash(self, user: Credentials, new_hash: str) -> None:
        """Replace the hash only if it is still the one that was verified: an old password must never come back."""
        statement = update(User).where(User.id == user.id, User.password_hash == user.password_hash)
        await self.session.execute(statement.values(password_hash=new_hash, updated_at=User.updated_at))

    async def change_password(self, user: Credentials, new_hash: str) -> int | None:
        """The new epoch, or None if the hash or the epoch has changed meanwhile, or the account is disabled."""
        statement = (
            update(User)
            .where(User.id == user.id, User.password_hash == user.password_hash, User.auth_epoch == user.auth_epoch)
            .where(User.is_active)
            .values(password_hash=new_hash, auth_epoch=User.auth_epoch + 1)
            .returning(User.auth_epoch)
        )
        return (await self.session.scalars(statement)).one_or_none()

    async def raise_epoch(self, user_id: int) -> None:
        """End every session of a user, also one that is being opened at this moment."""
        await self.session.execute(_RAISE_EPOCH.where(User.id == user_id))

    async def raise_all_epochs(self) -> None:
        """End every session of all users, also those that are being opened at this moment."""
        await self.session.execute(_RAISE_EPOCH)

    async def remove(self, user_id: int) -> bool:
        """Delete the account; the database deletes everything that belongs to it. False if it did not exist."""
        statement = delete(User).where(User.id == user_id).returning(User.id)
        return (await self.session.scalars(statement)).one_or_none() is not None


_RAISE_EPOCH = update(User).values(auth_epoch=User.auth_epoch + 1, updated_at=User.updated_at)
