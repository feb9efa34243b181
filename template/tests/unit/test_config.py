"""Settings and their rules."""

import re
from typing import Any

import pytest

from app.core.config import ConfigurationError, Settings, load_settings

SECRET, OTHER_SECRET = "8f2b" * 9 + "xyz-one", "7c1d" * 9 + "uvw-two"
PRODUCTION = {"SECRET_KEY": SECRET, "JWT_SECRET_KEY": OTHER_SECRET, "ENVIRONMENT": "production"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Load settings from these variables and no others."""

    def load(**values: str) -> Settings:
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return load


class TestDefaults:
    def test_are_those_of_production(self, environment: Any) -> None:
        settings = environment(SECRET_KEY=SECRET, JWT_SECRET_KEY=OTHER_SECRET)

        assert settings.environment == "production"
        assert (settings.debug, settings.docs_enabled, settings.cors_origins) == (False, False, ())
        assert (settings.log_level, settings.log_format) == ("INFO", "json")
        assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
        assert (settings.jwt_access_token_expire_minutes, settings.jwt_refresh_token_expire_days) == (15, 30)
        assert (settings.jwt_refresh_token_idle_days, settings.jwt_refresh_token_grace_seconds) == (14, 10)
        assert (settings.argon2_memory_cost, settings.argon2_time_cost, settings.argon2_parallelism) == (19456, 2, 1)
        assert settings.password_min_length == 15
        assert settings.rate_limit_enabled

    def test_of_development_are_comfortable(self, environment: Any) -> None:
        settings = environment(ENVIRONMENT="development")

        assert (settings.docs_enabled, settings.log_format) == (True, "console")
        assert settings.throwaway_secrets == ["SECRET_KEY", "JWT_SECRET_KEY"]
        assert settings.secret_key != settings.jwt_secret_key

    def test_throwaway_secrets_differ_from_process_to_process(self, environment: Any) -> None:
        first, second = environment(ENVIRONMENT="development"), environment(ENVIRONMENT="development")

        assert first.secret_key != second.secret_key

    def test_an_empty_variable_has_the_default(self, environment: Any) -> None:
        assert environment(**PRODUCTION, PORT="", CORS_ORIGINS="").port == 8000

    def test_idle_time_follows_a_short_absolute_one(self, environment: Any) -> None:
        assert environment(**PRODUCTION, JWT_REFRESH_TOKEN_EXPIRE_DAYS="3").jwt_refresh_token_idle_days == 3


class TestLists:
    def test_are_separated_by_commas(self, environment: Any) -> None:
        settings = environment(
            **PRODUCTION, CORS_ORIGINS="https://a.example, https://b.example", TRUSTED_PROXIES="10.0.0.0/8,::1"
        )

        assert settings.cors_origins == ("https://a.example", "https://b.example")
        assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]

    def test_of_keys_keep_their_order(self, environment: Any) -> None:
        fallbacks = environment(**PRODUCTION, SECRET_KEY_FALLBACKS=f"{SECRET}1,{SECRET}2").secret_key_fallbacks

        assert [key.get_secret_value() for key in fallbacks] == [f"{SECRET}1", f"{SECRET}2"]


class TestRefusal:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ENVIRONMENT", "staging"),
            ("DEBUG", "true"),
            ("DEBUG", "perhaps"),
            ("DATABASE_URL", "my-database"),
            ("SECRET_KEY", ""),
            ("SECRET_KEY", "too-few-bytes"),
            ("SECRET_KEY", "x" * 64),
            ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
            ("SECRET_KEY", "your-secret-key-goes-here-0123456789abcdef"),
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
            ("PASSWORD_MIN_LENGTH", "7"),
            ("ARGON2_MEMORY_COST", "19455"),
            ("ARGON2_TIME_COST", "1"),
            ("ARGON2_PARALLELISM", "0"),
            ("PASSWORD_HASH_CONCURRENCY", "0"),
            ("RATE_LIMIT_ENABLED", "perhaps"),
            ("TRUSTED_PROXIES", "everybody"),
            ("CORS_ORIGINS", "*"),
            ("MAX_BODY_BYTES", "0"),
            ("LOG_LEVEL", "LOUD"),
            ("LOG_FORMAT", "xml"),
            ("PORT", "65536"),
            ("WORKERS", "0"),
        ],
    )
    def test_names_the_setting_in_one_line_but_not_its_value(self, environment: Any, name: str, value: str) -> None:
        with pytest.raises(ConfigurationError) as refused:
            environment(**{**PRODUCTION, name: value})

        message = str(refused.value)
        assert re.match(rf"{name}\b", message) or f", {name}" in message
        assert "\n" not in message
        assert len(value) < 5 or value not in message

    def test_of_several_workers_that_count_for_themselves(self, environment: Any) -> None:
        with pytest.raises(ConfigurationError, match="RATE_LIMIT_STORAGE_URI"):
            environment(**PRODUCTION, WORKERS="2")

        assert environment(**PRODUCTION, WORKERS="2", RATE_LIMIT_STORAGE_URI="redis://localhost").workers == 2

    def test_of_several_workers_with_secrets_of_their_own(self, environment: Any) -> None:
        with pytest.raises(ConfigurationError, match="SECRET_KEY"):
            environment(ENVIRONMENT="development", WORKERS="2")

    def test_lists_every_reason(self, environment: Any) -> None:
        with pytest.raises(ConfigurationError) as refused:
            environment(ENVIRONMENT="production", DEBUG="true", CORS_ORIGINS="*")

        for name in ("SECRET_KEY", "JWT_SECRET_KEY", "DEBUG", "CORS_ORIGINS"):
            assert name in str(refused.value)

    def test_is_milder_in_development(self, environment: Any) -> None:
        assert environment(ENVIRONMENT="development", DEBUG="true", CORS_ORIGINS="*").debug

    @pytest.mark.parametrize(("memory", "passes"), [("47104", "1"), ("12288", "3"), ("9216", "4"), ("7168", "5")])
    def test_knows_what_is_as_strong(self, environment: Any, memory: str, passes: str) -> None:
        assert environment(**PRODUCTION, ARGON2_MEMORY_COST=memory, ARGON2_TIME_COST=passes)

    @pytest.mark.parametrize("wildcard", ["https://a.example,*", "https://a.example, *"])
    def test_finds_a_wildcard_among_origins(self, environment: Any, wildcard: str) -> None:
        with pytest.raises(ConfigurationError, match="CORS_ORIGINS"):
            environment(**PRODUCTION, CORS_ORIGINS=wildcard)


class TestSecrets:
    def test_do_not_show(self, environment: Any) -> None:
        settings = environment(**PRODUCTION, RATE_LIMIT_STORAGE_URI="redis://:hunter2@localhost")

        shown = repr(settings) + str(settings.model_dump())
        assert SECRET not in shown
        assert OTHER_SECRET not in shown
        assert "hunter2" not in shown

    def test_cannot_be_changed(self, environment: Any) -> None:
        with pytest.raises(ValueError, match="frozen"):
            environment(**PRODUCTION).debug = True
