"""Invalid settings, with which the application does not start."""

import re
from pathlib import Path

import pytest

from app.core.config import ConfigurationError, Settings
from tests.fixtures.settings import PRODUCTION, SECRET, Environment


class TestRefusedSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ENVIRONMENT", "staging"),
            ("DEBUG", "true"),
            ("DEBUG", "perhaps"),
            ("DATABASE_URL", "my-database"),
            ("DATABASE_URL", "driver://app@127.0.0.1:99999/app"),
            ("DATABASE_URL", "driver://app@db..example/app"),
            ("DATABASE_URL", "driver://./app.db"),
            ("DATABASE_URL", f"driver://app@{'x' * 64}.example/app"),
            ("DATABASE_URL", "driver:///app%00.db"),
            ("DATABASE_URL", "driver://ap%00p@127.0.0.1/app"),
            ("DATABASE_URL", "driver://app@127.0.0.1/app?application_name=%00"),
            ("DATABASE_URL", "driver://app:correct-horse"),
            ("SECRET_KEY", ""),
            ("SECRET_KEY", "too-few-bytes"),
            ("SECRET_KEY", "k3y-A-9f8e7d6c5b4a3210-ZZtopQWE"),
            ("SECRET_KEY", "x" * 64),
            ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
            ("SECRET_KEY", "your-super-secret-key-min-32-chars-long"),
            ("SECRET_KEY", "TODO-write-a-real-secret-before-this-goes-live"),
            ("SECRET_KEY", "${SECRET_OF_THE_VAULT_THAT_NOBODY_FILLED_IN}"),
            ("SECRET_KEY", "<put 32 random bytes from your vault here>"),
            ("SECRET_KEY", "swordfishswordfishswordfishswordfish"),
            ("SECRET_KEY", "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"),
            ("SECRET_KEY", "k3y-A-9f8e7d6c5b4a3210-ZZtopQWERa\udcff"),
            ("JWT_SECRET_KEY_FALLBACKS", "k3y-A-9f8e7d6c5b4a3210-ZZtopQWERa\udcff"),
            ("JWT_SECRET_KEY", ""),
            ("JWT_SECRET_KEY", SECRET),
            ("SECRET_KEY_FALLBACKS", "short"),
            ("JWT_SECRET_KEY_FALLBACKS", "short"),
            ("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
            ("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "nan"),
            ("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "inf"),
            ("JWT_REFRESH_TOKEN_EXPIRE_DAYS", "-1"),
            ("JWT_REFRESH_TOKEN_EXPIRE_DAYS", "nan"),
            ("JWT_REFRESH_TOKEN_IDLE_DAYS", "31"),
            ("JWT_REFRESH_TOKEN_GRACE_SECONDS", "61"),
            ("JWT_REFRESH_TOKEN_GRACE_SECONDS", "-1"),
            ("JWT_LEEWAY_SECONDS", "61"),
            ("MAX_SESSIONS_PER_USER", "0"),
            ("REAUTHENTICATION_MINUTES", "0"),
            ("REAUTHENTICATION_MINUTES", "inf"),
            ("JWT_SECRET_KEY_FALLBACKS", SECRET),
            ("PASSWORD_MIN_LENGTH", "7"),
            ("ARGON2_MEMORY_COST", "19455"),
            ("ARGON2_TIME_COST", "1"),
            ("ARGON2_PARALLELISM", "0"),
            ("PASSWORD_HASH_CONCURRENCY", "0"),
            ("RATE_LIMIT_ENABLED", "perhaps"),
            ("TRUSTED_PROXIES", "everybody"),
            ("CORS_ORIGINS", "*"),
            ("CORS_ORIGINS", "shop.example"),
            ("CORS_ORIGINS", "https://shop.example/"),
            ("CORS_ORIGINS", "https://Shop.example"),
            ("CORS_ORIGINS", "https://*.shop.example"),
            ("CORS_ORIGINS", "https://shop.example?x"),
            ("MAX_BODY_BYTES", "0"),
            ("LOG_LEVEL", "LOUD"),
            ("LOG_FORMAT", "xml"),
            ("PORT", "65536"),
            ("WORKERS", "0"),
        ],
    )
    def test_the_message_contains_the_setting_and_not_its_value(
        self, environment: Environment, name: str, value: str
    ) -> None:
        with pytest.raises(ConfigurationError) as refused:
            environment(**{**PRODUCTION, name: value})

        message = str(refused.value)
        assert re.match(rf"{name}\b", message) or f", {name}" in message
        assert "\n" not in message
        assert len(value) < 5 or value not in message

    @pytest.mark.parametrize("uri", ["", "memory://", "MEMORY://"])
    def test_several_workers_need_shared_rate_limits(self, environment: Environment, uri: str) -> None:
        with pytest.raises(ConfigurationError, match="RATE_LIMIT_STORAGE_URI"):
            environment(**PRODUCTION, WORKERS="2", RATE_LIMIT_STORAGE_URI=uri)

        assert environment(**PRODUCTION, WORKERS="2", RATE_LIMIT_STORAGE_URI="redis://localhost").workers == 2

    def test_several_workers_need_permanent_secrets(self, environment: Environment) -> None:
        with pytest.raises(ConfigurationError, match="SECRET_KEY"):
            environment(ENVIRONMENT="development", WORKERS="2")

    def test_weak_hashing_is_refused_in_development_too(self, environment: Environment) -> None:
        with pytest.raises(ConfigurationError, match="ARGON2_MEMORY_COST"):
            environment(ENVIRONMENT="development", ARGON2_MEMORY_COST="19455")

    def test_fallback_of_one_key_must_differ_from_the_other_key(self, environment: Environment) -> None:
        with pytest.raises(ConfigurationError, match="SECRET_KEY and its fallbacks"):
            environment(**PRODUCTION, SECRET_KEY_FALLBACKS=PRODUCTION["JWT_SECRET_KEY"])

    def test_argon2_needs_enough_memory_for_its_parallelism(self, environment: Environment) -> None:
        with pytest.raises(ConfigurationError, match="ARGON2_MEMORY_COST"):
            environment(ENVIRONMENT="test", ARGON2_MEMORY_COST="15", ARGON2_PARALLELISM="2")

    def test_message_lists_every_reason(self, environment: Environment) -> None:
        with pytest.raises(ConfigurationError) as refused:
            environment(ENVIRONMENT="production", DEBUG="true", CORS_ORIGINS="*")

        for name in ("SECRET_KEY", "JWT_SECRET_KEY", "DEBUG", "CORS_ORIGINS"):
            assert name in str(refused.value)

    @pytest.mark.parametrize("value", ["foo", "shop.example", "https://shop.example/", "https://Shop.example"])
    def test_message_shows_how_to_write_an_origin(self, environment: Environment, value: str) -> None:
        with pytest.raises(ConfigurationError, match=r"CORS_ORIGINS: .*https://app\.example\.com") as refused:
            environment(**PRODUCTION, CORS_ORIGINS=value)

        assert not set("[](){}^$\\") & set(str(refused.value))

    @pytest.mark.parametrize("value", ["X-Team: orders", "*"])
    def test_message_shows_how_to_write_a_header(self, environment: Environment, value: str) -> None:
        with pytest.raises(ConfigurationError, match=r"CORS_ALLOW_HEADERS: .*traceparent"):
            environment(**PRODUCTION, CORS_ALLOW_HEADERS=value)

    def test_env_file_must_be_utf8(
        self, environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
        (tmp_path / ".env").write_bytes(b"ENVIRONMENT=development\nAPP_NAME=caf\xe9\n")

        with pytest.raises(ConfigurationError, match=r"^\.env: "):
            environment()

    def test_development_accepts_debug_and_any_origin(self, environment: Environment) -> None:
        assert environment(ENVIRONMENT="development", DEBUG="true", CORS_ORIGINS="*").debug

    @pytest.mark.parametrize(("memory", "passes"), [("47104", "1"), ("12288", "3"), ("9216", "4"), ("7168", "5")])
    def test_equivalent_argon2_parameters_are_accepted(
        self, environment: Environment, memory: str, passes: str
    ) -> None:
        settings = environment(**PRODUCTION, ARGON2_MEMORY_COST=memory, ARGON2_TIME_COST=passes)

        assert settings.argon2_memory_cost == int(memory)

    @pytest.mark.parametrize("wildcard", ["https://a.example,*", "https://a.example, *"])
    def test_a_wildcard_in_a_list_of_origins_is_refused(self, environment: Environment, wildcard: str) -> None:
        with pytest.raises(ConfigurationError, match="CORS_ORIGINS"):
            environment(**PRODUCTION, CORS_ORIGINS=wildcard)
