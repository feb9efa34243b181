"""Values that a schema accepts and the database refuses are 422, violated constraints are 409. Neither is a 500."""

import pytest
from httpx2 import AsyncClient

from app.core.exceptions import Conflict, InvalidInput
from app.services.auth import AuthService
from tests import expect
from tests.factories.users import Person
from tests.fixtures.applications import Api
from tests.fixtures.logs import Log
from tests.fixtures.unchecked import PARCELS, ParcelData, ParcelService


class TestValues:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("sent_at", "2026-01-01T00:00:00"),
            ("sent_at", "0001-01-01T00:00:00+01:00"),
            ("sent_at", "9999-12-31T23:59:59-01:00"),
            ("number", 2**63),
            ("number", -(2**63) - 1),
            ("number", 10**400),
            ("pieces", 2**63),
        ],
    )
    async def test_value_that_cannot_be_stored_is_422(
        self, parcels_client: AsyncClient, name: str, value: object
    ) -> None:
        expect.problem(await parcels_client.post(PARCELS, json={name: value}), 422, "validation_error")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("sent_at", "0001-01-01T00:00:00Z"),
            ("sent_at", "9999-12-31T23:59:59Z"),
            ("number", 2**63 - 1),
            ("number", -(2**63)),
            ("weight", 1e308),
        ],
    )
    async def test_extreme_value_is_stored(self, parcels_client: AsyncClient, name: str, value: object) -> None:
        assert (await parcels_client.post(PARCELS, json={name: value})).status_code == 201

    async def test_a_query_with_a_value_that_cannot_be_stored_is_422(self, parcels_client: AsyncClient) -> None:
        expect.problem(await parcels_client.get(PARCELS, params={"number": 2**63}), 422, "validation_error")

    async def test_a_text_that_is_no_unicode_is_422(self, parcels: ParcelService) -> None:
        with pytest.raises(InvalidInput):
            await parcels.create(ParcelData.model_construct(code="\ud800"))

    async def test_the_log_does_not_contain_the_refused_value(
        self, parcels_client: AsyncClient, production_log: Log
    ) -> None:
        await parcels_client.post(PARCELS, json={"number": 2**63})

        [line] = production_log.of("database.invalid_value")
        assert line["level"] == "warning"
        assert str(2**63) not in production_log.text


class TestConstraints:
    async def test_unmapped_constraint_is_409(self, parcels_client: AsyncClient, production_log: Log) -> None:
        await parcels_client.post(PARCELS, json={"code": "taken"})

        expect.problem(await parcels_client.post(PARCELS, json={"code": "taken"}), 409, "conflict")

        [line] = production_log.of("database.constraint_violated")
        assert (line["level"], line["constraint"]) == ("warning", "uq_parcels_of_a_test_code")
        assert "taken" not in production_log.text

    async def test_unmapped_index_of_an_expression_is_409(self, parcels_client: AsyncClient, log: Log) -> None:
        await parcels_client.post(PARCELS, json={"code": "1", "label": "Taken"})

        expect.problem(await parcels_client.post(PARCELS, json={"code": "2", "label": "TAKEN"}), 409, "conflict")

        assert log.of("database.constraint_violated")[0]["constraint"] == "ix_parcels_of_a_test_label_lower"

    async def test_a_reference_to_a_user_who_was_deleted_meanwhile_is_409(
        self, real_api: Api, real_ada: Person, parcels: ParcelService, log: Log
    ) -> None:
        caller = await AuthService(real_api.components).authenticate(real_ada.access_token)
        assert (await real_ada.http.delete("/api/v1/users/me")).status_code == 204

        with pytest.raises(Conflict):
            await parcels.create(ParcelData(), caller)

        [line] = log.of("database.constraint_violated")
        assert line["statement"].startswith("INSERT INTO parcels_of_a_test ")
        assert "foreign key" in line["reason"].lower()
