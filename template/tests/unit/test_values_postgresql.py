"""Values that PostgreSQL cannot store are 422, not 500."""

import pytest
from httpx2 import AsyncClient
from sqlalchemy import text

from app.core.exceptions import Conflict
from app.services.auth import AuthService
from tests import expect
from tests.factories.users import Person
from tests.fixtures.applications import Api
from tests.fixtures.logs import Log
from tests.fixtures.unchecked import PARCELS, Parcel, ParcelData, ParcelService


class TestValues:
    @pytest.mark.parametrize(("name", "value"), [("code", "a\x00b"), ("pieces", 2**31)])
    async def test_value_that_cannot_be_stored_is_422(
        self, parcels_client: AsyncClient, name: str, value: object
    ) -> None:
        expect.problem(await parcels_client.post(PARCELS, json={name: value}), 422, "validation_error")


class TestPreparedStatements:
    async def test_a_column_with_a_new_type_is_503_once(self, real_api: Api, parcels_client: AsyncClient) -> None:
        """A migration beside running processes. The connection then prepares its statements again."""
        await parcels_client.post(PARCELS, json={})
        assert (await parcels_client.get(f"{PARCELS}/first")).json() == "P-1"
        async with real_api.database.writing.begin() as connection:
            await connection.execute(text(f"ALTER TABLE {Parcel.__tablename__} ALTER COLUMN code TYPE varchar(50)"))

        expect.problem(await parcels_client.get(f"{PARCELS}/first"), 503, "database_unavailable")

        assert (await parcels_client.get(f"{PARCELS}/first")).json() == "P-1"


class TestConstraints:
    async def test_the_log_contains_the_name_of_the_foreign_key(
        self, real_api: Api, real_ada: Person, parcels: ParcelService, log: Log
    ) -> None:
        caller = await AuthService(real_api.components).authenticate(real_ada.access_token)
        await real_ada.http.delete("/api/v1/users/me")

        with pytest.raises(Conflict):
            await parcels.create(ParcelData(), caller)

        assert log.of("database.constraint_violated")[0]["constraint"] == "fk_parcels_of_a_test_owner_id_users"
