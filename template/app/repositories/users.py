"""Accounts in the database."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy import select as select_columns

from app.models.users import User
from app.repositories.base import Repository


class Credentials(NamedTuple):
    """What a password check needs, from one read: the epoch is as old as the hash."""

    id: int
    public_id: UUID
    password_hash: str
    is_active: bool
    auth_epoch: int


_CREDENTIALS = select_columns(User.id, User.public_id, User.password_hash, User.is_active, User.auth_epoch)


class UserRepository(Repository[User]):
    """Conditional updates answer whether they found their row: between a read and a write, others may have written."""

    model = User

    async def credentials(self, email: str) -> Credentials | None:
        """Of the account with this address."""
        row = (await self.session.execute(_CREDENTIALS.where(User.email == email))).one_or_none()
        return Credentials(*row) if row else None

    async def credentials_of(self, user_id: int) -> Credentials | None:
        """Of this account."""
        row = (await self.session.execute(_CREDENTIALS.where(User.id == user_id))).one_or_none()
        return Credentials(*row) if row else None

    async def active(self, public_id: UUID) -> User | None:
        """An account that others may see."""
        return await self.one_or_none(self.select().where(User.public_id == public_id, User.is_active))

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
        """Replace the hash only if it is still the one that was verified: never bring an old password back."""
        statement = update(User).where(User.id == user.id, User.password_hash == user.password_hash)
        await self.session.execute(statement.values(password_hash=new_hash, updated_at=User.updated_at))

    async def change_password(self, user: Credentials, new_hash: str) -> int | None:
        """The new epoch, or None if the hash or the epoch is another one by now, or the account disabled."""
        statement = (
            update(User)
            .where(User.id == user.id, User.password_hash == user.password_hash, User.auth_epoch == user.auth_epoch)
            .where(User.is_active)
            .values(password_hash=new_hash, auth_epoch=User.auth_epoch + 1)
            .returning(User.auth_epoch)
        )
        return (await self.session.scalars(statement)).one_or_none()

    async def raise_epoch(self, *user_ids: int) -> None:
        """End every session of these users, also those being opened at this moment; of all users if none is given."""
        statement = update(User).values(auth_epoch=User.auth_epoch + 1, updated_at=User.updated_at)
        await self.session.execute(statement.where(User.id.in_(user_ids)) if user_ids else statement)

    async def remove(self, user_id: int) -> bool:
        """Delete the account; the database deletes what belongs to it. False if it was gone."""
        statement = delete(User).where(User.id == user_id).returning(User.id)
        return (await self.session.scalars(statement)).one_or_none() is not None
