"""`scripts/new_resource.py`: what it reads, and what it refuses. Delete this file together with the script."""

import ast
import subprocess
import sys

import pytest

from app.core.config import ROOT
from scripts.resource import Access, Refused
from scripts.resource.fields import Field, parse
from scripts.resource.names import resource_names
from scripts.resource.project import targets
from scripts.resource.writing import Plan, plan

# A name that no resource of yours has.
PARCELS = "parcels_for_tests"
SAMPLE = ["code:str(40):unique", "weight:decimal(6,3)?", "kind:small|large=small", "sender:ref(users)?"]


def field(text: str) -> Field:
    [found] = [found for found in parse([text, "other:int"], "order", targets(), owned=True) if found.name != "other"]
    return found


def planned(name: str = PARCELS, *fields: str, singular: str | None = None, access: Access = Access.OWNER) -> Plan:
    return plan(name, fields or SAMPLE, singular=singular, access=access, search=True)


class TestFields:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("name:str(40)", {"kind": "str", "max_length": 40, "optional": False, "unique": "", "index": False}),
            ("name:str(40)?:unique", {"optional": True, "unique": "all"}),
            ("name:str(40):unique_for_owner", {"unique": "owner", "required": True}),
            ("name:text", {"kind": "text", "max_length": 10_000}),
            ("name:text(500)?", {"max_length": 500, "optional": True}),
            ("name:int:index", {"kind": "int", "index": True}),
            ("name:int=-5", {"default": "-5", "required": False}),
            ("name:decimal(10,2)", {"kind": "decimal", "digits": 10, "decimals": 2}),
            ("name:decimal(10, 2)=1.5", {"default": 'Decimal("1.50")'}),
            ("name:bool=true", {"kind": "bool", "default": "True"}),
            ("name:date", {"kind": "date"}),
            ("name:datetime=now", {"kind": "datetime", "default": "utc_now"}),
            ("name:uuid?", {"kind": "uuid", "optional": True}),
            ("name:json", {"kind": "json"}),
            ("name:draft|paid", {"kind": "enum", "members": ("draft", "paid")}),
            ("name:draft|paid?:index=paid", {"index": True, "optional": True, "default": "OrderName.PAID"}),
            ("name:str(40)=it's: a=b", {"default": '"it\'s: a=b"'}),
            ("buyer:ref(users)", {"kind": "ref", "name": "buyer", "member": "buyer_id", "index": True}),
            ("buyer_id:ref(users)?:unique", {"name": "buyer", "optional": True, "unique": "all", "index": False}),
        ],
    )
    def test_a_field_is_read(self, text: str, expected: dict[str, object]) -> None:
        found = field(text)

        assert {name: getattr(found, name) for name in expected} == expected


class TestNames:
    @pytest.mark.parametrize(
        ("plural", "singular"),
        [
            ("orders", "order"),
            ("order_lines", "order_line"),
            ("categories", "category"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("branches", "branch"),
            ("statuses", "status"),
            ("houses", "house"),
            ("notes", "note"),
        ],
    )
    def test_the_singular_is_found(self, plural: str, singular: str) -> None:
        assert resource_names(plural, None).singular == singular

    def test_names_have_every_form(self) -> None:
        names = resource_names("order_lines", None)

        assert (names.path, names.class_name, names.service_alias) == ("order-lines", "OrderLine", "OrderLines")
        assert (names.a, names.title) == ("an order line", "Order lines")


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "fields", "part"),
        [
            ("Orders", [], "lower case"),
            ("order", [], "--singular"),
            ("sheep", [], "--singular"),
            ("boss", [], "--singular"),
            ("classes", [], "word of Python"),
            ("lists", [], "word of Python"),
            ("responses", [], "variable"),
            ("secrets", [], "module of Python"),
            ("rows", [], "variable"),
            ("indexes", [], "two things"),
            ("exceptions", [], "word of Python"),
            ("value_errors", [], "word of Python"),
            ("users", ["name:int"], "app/models/users.py exists"),
            ("a" * 60 + "s", [], "characters"),
            (PARCELS, ["name"], "NAME:TYPE"),
            (PARCELS, ["name:string"], "no type string"),
            (PARCELS, ["name:str"], "str(40)"),
            (PARCELS, ["name:str(0)"], "from 1"),
            (PARCELS, ["name:str(x)"], "number"),
            (PARCELS, ["name:int(4)"], "name:int"),
            (PARCELS, ["name:decimal(10)"], "decimal(10,2)"),
            (PARCELS, ["name:decimal(30,2)"], "from 1 to 18"),
            (PARCELS, ["name:decimal(2,3)"], "from 0 to 2"),
            (PARCELS, ["name:ref"], "ref(users)"),
            (PARCELS, ["name:ref(nothing_like_this)"], "no resource"),
            (PARCELS, ["name:ref(sessions)"], "no resource"),
            (PARCELS, ["name:ref(users)"], "not a reference"),
            (PARCELS, ["name:a|a"], "twice"),
            (PARCELS, ["name:a|2b"], "'2b'"),
            (PARCELS, ["name:int", "name:str(4)"], "twice"),
            (PARCELS, ["name_id:int", "name:ref(users)"], "twice"),
            (PARCELS, ["name_public_id:int", "name:ref(users)"], "twice"),
            (PARCELS, ["update:str(40)"], "two things"),
            (PARCELS, ["out:text"], "two things"),
            (PARCELS, ["xmin:int"], "some databases"),
            (PARCELS, ["self:int"], "each resource uses"),
            (PARCELS, ["int:int"], "each resource uses"),
            (PARCELS, ["Name:int"], "lower case"),
            (PARCELS, ["class:int"], "word of Python"),
            (PARCELS, ["version:int"], "each resource uses"),
            (PARCELS, ["owner:ref(users)"], "each resource uses"),
            (PARCELS, ["metadata:json"], "each resource uses"),
            (PARCELS, ["model_config:json"], "each resource uses"),
            (PARCELS, ["date:date"], "each resource uses"),
            (PARCELS, ["name:int:sorted"], "no option sorted"),
            (PARCELS, ["name:int:unique:index"], "choose one"),
            (PARCELS, ["name:text:unique"], "can be unique"),
            (PARCELS, ["name:json:index"], "index"),
            (PARCELS, ["name:str(601):index"], "600"),
            (PARCELS, ["name:str(4):unique"], "at least 8"),
            (PARCELS, ["name:int=x"], "default"),
            (PARCELS, ["name:bool=yes"], "default"),
            (PARCELS, ["name:a|b=c"], "default"),
            (PARCELS, ["name:decimal(4,2)=100"], "default"),
            (PARCELS, ["name:datetime=tomorrow"], "only default is now"),
            (PARCELS, ["name:uuid=x"], "cannot have a default"),
            (PARCELS, ["name:str(8):unique=x"], "cannot have a default"),
        ],
    )
    def test_a_wrong_name_or_field_is_refused_in_one_sentence(self, name: str, fields: list[str], part: str) -> None:
        with pytest.raises(Refused) as refused:
            planned(name, *fields).require_free()

        message = str(refused.value)
        assert part in message
        assert message.endswith(".")
        assert "\n" not in message

    def test_a_shared_resource_has_nothing_that_is_unique_for_an_owner(self) -> None:
        with pytest.raises(Refused, match="no owner"):
            planned(PARCELS, "name:str(40):unique_for_owner", access=Access.SHARED)

    def test_the_table_of_migrations_is_refused(self) -> None:
        with pytest.raises(Refused, match="table of the migrations"):
            planned("alembic_version", singular="revision")

    def test_the_singular_must_differ(self) -> None:
        with pytest.raises(Refused, match="another word"):
            planned("sheep", singular="sheep")

    def test_a_model_of_the_same_name_is_refused(self) -> None:
        with pytest.raises(Refused, match="A model User exists"):
            planned(PARCELS, singular="user")

    def test_a_missing_ruff_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("scripts.resource.rendering.RUFF", "no-such-program")

        with pytest.raises(Refused, match=r"requirements-dev\.txt"):
            planned()


class TestPlan:
    @pytest.mark.parametrize("access", list(Access))
    def test_a_plan_has_one_file_for_each_layer(self, access: Access) -> None:
        files = planned(access=access).files

        for layer in ("models", "schemas", "repositories", "services", "routers"):
            assert f"app/{layer}/{PARCELS}.py" in files
        assert f"tests/api/test_{PARCELS}.py" in files
        for text in files.values():
            ast.parse(text)

    def test_a_plan_writes_nothing(self) -> None:
        files = planned().files

        assert [name for name in files if (ROOT / name).exists()] == []


class TestCommand:
    def test_the_command_refuses_without_a_traceback(self) -> None:
        command = [sys.executable, str(ROOT / "scripts/new_resource.py"), PARCELS, "name:string"]

        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own script

        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr.startswith("name: there is no type string")
        assert ended.stderr.count("\n") == 1
