"""Check `DATABASE_URL` when the process starts, so that a URL that is accepted also works."""

import pytest
from sqlalchemy.engine import make_url

from app.core.config import ROOT, ConfigurationError
from app.db.database import Database
from app.db.dialects import dialect_of, sqlite
from tests.fixtures.commands import CommandLine
from tests.fixtures.settings import MakeSettings


class TestUrl:
    @pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
    def test_a_relative_path_starts_in_the_folder_of_the_project(
        self, make_settings: MakeSettings, scheme: str
    ) -> None:
        database = Database(make_settings(database_url=f"{scheme}:///./app.db"))

        assert database.reading.url.drivername == "sqlite+aiosqlite"
        assert database.reading.url.database == str(ROOT / "app.db")

    @pytest.mark.parametrize(
        "address",
        [
            "sqlite+aiosqlite://",
            "sqlite+aiosqlite:///:memory:",
            "sqlite+aiosqlite://app.db",
            "sqlite+aiosqlite://somebody@/app.db",
        ],
    )
    def test_a_url_without_a_file_is_refused(self, make_settings: MakeSettings, address: str) -> None:
        with pytest.raises(ConfigurationError, match=r"^DATABASE_URL: must name a file"):
            Database(make_settings(database_url=address))

    def test_another_driver_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match=r"^DATABASE_URL: must begin with sqlite\+aiosqlite://$"):
            dialect_of(make_url("sqlite+pysqlite:///app.db"))

    @pytest.mark.parametrize("scheme", ["mysql", "s", "sql"])
    def test_the_message_for_another_database_explains_how_to_switch(self, scheme: str) -> None:
        with pytest.raises(ConfigurationError, match=r"^DATABASE_URL: .* `uvx copier update`"):
            dialect_of(make_url(f"{scheme}://app@localhost/app"))


class TestParameters:
    def test_parameters_are_converted_for_the_driver(self) -> None:
        assert sqlite.prepare_url(make_url("sqlite:///app.db?timeout=20"))[1] == {"timeout": 20}

    @pytest.mark.parametrize(
        ("query", "parameter"),
        [
            ("mode=memory", "mode"),
            ("uri=true", "uri"),
            ("check_same_thread=false", "check_same_thread"),
            ("timeout=soon", "timeout"),
            ("timeout=1e9", "timeout"),
            ("timeout=-1", "timeout"),
            ("timeout=0.001", "timeout"),
            ("timeout=nan", "timeout"),
        ],
    )
    def test_the_message_contains_the_refused_parameter(
        self, make_settings: MakeSettings, query: str, parameter: str
    ) -> None:
        with pytest.raises(ConfigurationError, match=rf"^DATABASE_URL: the parameter {parameter} "):
            Database(make_settings(database_url=f"sqlite+aiosqlite:///app.db?{query}"))

    async def test_check_config_refuses_unsupported_parameters(self, terminal: CommandLine) -> None:
        terminal.set(DATABASE_URL="sqlite+aiosqlite:///app.db?cache=shared")

        line = await terminal.refused("check-config", code=1)

        assert "DATABASE_URL: the parameter cache" in line
