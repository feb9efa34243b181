"""Types for the fields of schemas."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.schemas.base import Input, Integer, JsonObject, Time, places

# In RFC 3339, an offset has no seconds.
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))

TIME: TypeAdapter[datetime] = TypeAdapter(Time)
INTEGER: TypeAdapter[int] = TypeAdapter(Integer)
JSON: TypeAdapter[dict[str, Any]] = TypeAdapter(JsonObject)
PRICE: TypeAdapter[Decimal] = TypeAdapter(Annotated[Decimal, places(2)])


class TestTime:
    @given(st.datetimes(datetime.fromisoformat("0001-01-02"), datetime.fromisoformat("9999-12-30"), timezones=OFFSETS))
    def test_time_with_an_offset_becomes_utc(self, value: datetime) -> None:
        validated = TIME.validate_json(f'"{value.isoformat()}"')

        assert validated == value
        assert validated.tzinfo is UTC

    @given(st.datetimes())
    def test_time_without_an_offset_is_refused(self, value: datetime) -> None:
        with pytest.raises(ValidationError):
            TIME.validate_json(f'"{value.isoformat()}"')

    @pytest.mark.parametrize("value", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
    def test_a_time_out_of_range_in_utc_is_refused(self, value: str) -> None:
        with pytest.raises(ValidationError) as refused:
            TIME.validate_python(value)

        assert [error["type"] for error in refused.value.errors()] == ["datetime_out_of_range"]


class TestInteger:
    @given(st.integers(-(2**63), 2**63 - 1))
    def test_integer_of_64_bits_is_accepted(self, value: int) -> None:
        assert INTEGER.validate_json(str(value)) == value

    @given(st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1))
    def test_larger_integer_is_refused(self, value: int) -> None:
        with pytest.raises(ValidationError):
            INTEGER.validate_json(str(value))


class _Parcel(Input):
    weight: float
    price: Decimal


class TestInput:
    @pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", float("nan"), float("inf")])
    @pytest.mark.parametrize("name", ["weight", "price"])
    def test_nan_and_infinity_are_refused(self, name: str, value: Any) -> None:
        with pytest.raises(ValidationError):
            _Parcel.model_validate({"weight": 1.5, "price": "9.99", name: value})

    def test_unknown_member_is_refused(self) -> None:
        with pytest.raises(ValidationError):
            _Parcel.model_validate({"weight": 1.5, "price": "9.99", "color": "red"})


class TestJsonObject:
    @pytest.mark.parametrize("value", [{}, {"a": [1, 2.5, None, True, "é\n", {"b": {}}]}, {"big": 2**70}])
    def test_a_json_object_is_accepted(self, value: dict[str, Any]) -> None:
        assert JSON.validate_python(value) == value

    @pytest.mark.parametrize("value", ["\x00", float("inf"), float("nan"), {"\x00": 1}, [["\x00"]]])
    def test_values_that_a_database_refuses_are_refused(self, value: Any) -> None:
        with pytest.raises(ValidationError) as refused:
            JSON.validate_python({"a": value})

        assert [error["type"] for error in refused.value.errors()] == ["json_not_storable"]

    @pytest.mark.parametrize("value", [[], "x", 1, None])
    def test_other_json_is_refused(self, value: Any) -> None:
        with pytest.raises(ValidationError):
            JSON.validate_python(value)


class TestPlaces:
    @pytest.mark.parametrize(("value", "shown"), [("1", "1.00"), ("1.5", "1.50"), ("-0.0", "0.00"), ("1E+1", "10.00")])
    def test_a_decimal_has_the_places_of_its_column(self, value: str, shown: str) -> None:
        assert str(PRICE.validate_python(value)) == shown
