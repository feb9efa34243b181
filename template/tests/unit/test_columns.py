"""Columns of a model, to select rows instead of entities."""

from sqlalchemy import String, inspect, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.models.users import User
from app.repositories.base import columns_of
from app.services.auth import AuthService
from tests.factories.users import Person
from tests.fixtures.applications import Api


class _Base(DeclarativeBase):
    pass


class _Parcel(_Base):
    __tablename__ = "parcels"

    id: Mapped[int] = mapped_column(primary_key=True)
    weight: Mapped[float]
    # `metadata` is reserved.
    details: Mapped[str] = mapped_column("metadata", String)


class TestColumnsOf:
    def test_every_column_has_the_name_of_its_attribute(self) -> None:
        columns = select(*columns_of(_Parcel)).selected_columns

        assert columns.keys() == ["id", "weight", "details"]

    def test_some_columns_can_be_left_out(self) -> None:
        assert select(*columns_of(_Parcel, without=["details"])).selected_columns.keys() == ["id", "weight"]


class TestCaller:
    async def test_caller_has_every_column_of_the_account(self, api: Api, ada: Person) -> None:
        caller = await AuthService(api.components).authenticate(ada.access_token)

        assert set(inspect(User).column_attrs.keys()) <= set(inspect(caller.user).dict)
