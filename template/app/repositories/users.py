"""Accounts in the database."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, delete, update
from sqlalchemy import select as select_columns

from app.models.users import User
from app.repositories.base import Repository


class Credentials(NamedTuple):
    """What a password check needs, from one read: the epoch belongs to the same moment as the hash."""

    id: int
    public_id: UUID
    password_hash: str
    is_active: bool
    auth_epoch: int


_CREDENTIALS = select_columns(User.id, User.public_id, User.password_hash, User.is_active, User.auth_epoch)
_BY_EMAIL = _CREDENTIALS.where(User.email == bindparam("email"))
_BY_ID = _CREDENTIALS.where(User.id == bindparam("id"))


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
