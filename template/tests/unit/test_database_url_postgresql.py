"""Check `DATABASE_URL` when the process starts, so that a URL that is accepted also works."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.engine import make_url

from app.core.config import ConfigurationError
from app.db.database import Database
from app.db.dialects import dialect_of, postgresql
from app.db.types import utc_now
from tests.fixtures.commands import CommandLine
from tests.fixtures.settings import MakeSettings

ADDRESS = "postgresql+asyncpg://app@localhost/app"


def authority() -> bytes:
    """A self-signed certificate."""
    key, name = generate_private_key(SECP256R1()), x509.Name.from_rfc4514_string("CN=Probe")
    now = utc_now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


class TestScheme:
    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "PostgreSQL", "postgresql+asyncpg"])
    def test_the_schemes_of_hosting_providers_are_accepted(self, make_settings: MakeSettings, scheme: str) -> None:
        database = Database(make_settings(database_url=f"{scheme}://app:secret@db.example.com/app?sslmode=require"))

        assert database.reading.url.drivername == "postgresql+asyncpg"
        assert database.reading.url.query == {}

    @pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgres+asyncpg"])
    def test_another_driver_is_refused(self, scheme: str) -> None:
        with pytest.raises(ConfigurationError, match=r"^DATABASE_URL: must begin with postgresql\+asyncpg://$"):
            dialect_of(make_url(f"{scheme}://app@localhost/app"))

    @pytest.mark.parametrize("scheme", ["mysql", "p", "sql"])
    def test_the_message_for_another_database_explains_how_to_switch(self, scheme: str) -> None:
        with pytest.raises(ConfigurationError, match=r"^DATABASE_URL: .* `uvx copier update`"):
            dialect_of(make_url(f"{scheme}://app@localhost/app"))


class TestParameters:
    @pytest.mark.parametrize(
        ("query", "options"),
        [
            ("sslmode=require", {"ssl": "require"}),
            ("ssl=disable", {"ssl": "disable"}),
            ("connect_timeout=10", {"timeout": 10}),
            ("timeout=0.5", {"timeout": 0.5}),
            ("command_timeout=300", {"command_timeout": 300}),
            ("statement_cache_size=0", {"statement_cache_size": 0}),
            ("prepared_statement_cache_size=500", {"prepared_statement_cache_size": 500}),
            ("application_name=shop", {"application_name": "shop"}),
            ("host=/var/run/postgresql", {"host": "/var/run/postgresql"}),
        ],
    )
    def test_parameters_are_converted_for_the_driver(self, query: str, options: dict[str, object]) -> None:
        assert postgresql.prepare_url(make_url(f"{ADDRESS}?{query}"))[1] == options

    @pytest.mark.parametrize(
        ("query", "parameter"),
        [
            ("channel_binding=require", "channel_binding"),
            ("sslcert=client.pem", "sslcert"),
            ("server_settings=x", "server_settings"),
            ("pgbouncer=true", "pgbouncer"),
            ("pool_size=5", "pool_size"),
            ("options=-csearch_path%3Dshop", "options"),
            ("ssl=true", "ssl"),
            ("sslmode=always", "sslmode"),
            ("sslrootcert=/nowhere/root.crt", "sslrootcert"),
            ("command_timeout=soon", "command_timeout"),
            ("command_timeout=1e9", "command_timeout"),
            ("command_timeout=0", "command_timeout"),
            ("connect_timeout=nan", "connect_timeout"),
            ("connect_timeout=inf", "connect_timeout"),
            ("statement_cache_size=-1", "statement_cache_size"),
            ("statement_cache_size=true", "statement_cache_size"),
        ],
    )
    def test_the_message_contains_the_refused_parameter(
        self, make_settings: MakeSettings, query: str, parameter: str
    ) -> None:
        with pytest.raises(ConfigurationError, match=rf"^DATABASE_URL: the parameter {parameter} "):
            Database(make_settings(database_url=f"{ADDRESS}?{query}"))

    async def test_check_config_refuses_unsupported_parameters(self, terminal: CommandLine) -> None:
        terminal.set(DATABASE_URL=f"{ADDRESS}?channel_binding=require")

        line = await terminal.refused("check-config", code=1)

        assert "DATABASE_URL: the parameter channel_binding" in line

    @pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
    def test_verify_modes_use_the_certificates_of_the_system(self, mode: str) -> None:
        context = postgresql.prepare_url(make_url(f"{ADDRESS}?sslmode={mode}"))[1]["ssl"]

        assert isinstance(context, ssl.SSLContext)
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname == (mode == "verify-full")

    def test_sslrootcert_uses_the_certificates_of_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "root.crt"
        file.write_bytes(authority())

        context = postgresql.prepare_url(make_url(f"{ADDRESS}?sslmode=require&sslrootcert={file}"))[1]["ssl"]

        assert context.cert_store_stats()["x509"] == 1
        assert context.verify_mode == ssl.CERT_REQUIRED

    def test_an_empty_certificate_file_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "root.crt"
        file.touch()

        with pytest.raises(ConfigurationError, match="sslrootcert must name a file with certificates"):
            postgresql.prepare_url(make_url(f"{ADDRESS}?sslmode=verify-full&sslrootcert={file}"))
