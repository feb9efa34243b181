"""Settings: defaults, lists and secrets."""

import pytest

from tests.fixtures.settings import OTHER_SECRET, PRODUCTION, SECRET, Environment


class TestDefaults:
    def test_the_defaults_are_for_production(self, environment: Environment) -> None:
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

    def test_development_has_docs_and_random_secrets(self, environment: Environment) -> None:
        settings = environment(ENVIRONMENT="development")

        assert (settings.docs_enabled, settings.log_format) == (True, "console")
        assert settings.random_secrets == ["SECRET_KEY", "JWT_SECRET_KEY"]
        assert settings.secret_key != settings.jwt_secret_key

    @pytest.mark.parametrize(("cores", "hashes"), [(None, 1), (1, 1), (2, 1), (4, 3), (64, 4)])
    def test_hashes_leave_a_core_to_other_requests(
        self, environment: Environment, monkeypatch: pytest.MonkeyPatch, cores: int | None, hashes: int
    ) -> None:
        monkeypatch.setattr("os.cpu_count", lambda: cores)

        assert environment(ENVIRONMENT="test").password_hash_concurrency == hashes

    def test_random_secrets_differ_for_each_process(self, environment: Environment) -> None:
        first, second = environment(ENVIRONMENT="development"), environment(ENVIRONMENT="development")

        assert first.secret_key != second.secret_key

    def test_empty_variable_means_the_default(self, environment: Environment) -> None:
        assert environment(**PRODUCTION, PORT="", CORS_ORIGINS="").port == 8000

    def test_the_default_idle_time_is_at_most_the_absolute_lifetime(self, environment: Environment) -> None:
        assert environment(**PRODUCTION, JWT_REFRESH_TOKEN_EXPIRE_DAYS="3").jwt_refresh_token_idle_days == 3


class TestLists:
    def test_lists_are_separated_by_commas(self, environment: Environment) -> None:
        settings = environment(
            **PRODUCTION, CORS_ORIGINS="https://a.example, https://b.example", TRUSTED_PROXIES="10.0.0.0/8,::1"
        )

        assert settings.cors_origins == ("https://a.example", "https://b.example")
        assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]

    def test_fallback_keys_keep_their_order(self, environment: Environment) -> None:
        fallbacks = environment(**PRODUCTION, SECRET_KEY_FALLBACKS=f"{SECRET}1,{SECRET}2").secret_key_fallbacks

        assert [key.get_secret_value() for key in fallbacks] == [f"{SECRET}1", f"{SECRET}2"]


class TestSecrets:
    @pytest.mark.parametrize("key", ["k#3y!${7c(9@x%2b&8f*1d-Qz.Lm+Wn?Rt", "k#3y<7c(9@x%2b&8f*1d-Qz.Lm+W>n?Rt"])
    def test_a_random_secret_with_special_characters_is_accepted(self, environment: Environment, key: str) -> None:
        assert environment(**{**PRODUCTION, "SECRET_KEY": key}).production

    def test_secrets_are_not_shown(self, environment: Environment) -> None:
        settings = environment(**PRODUCTION, RATE_LIMIT_STORAGE_URI="redis://:hunter2@localhost")

        shown = repr(settings) + str(settings.model_dump())
        assert SECRET not in shown
        assert OTHER_SECRET not in shown
        assert "hunter2" not in shown

    def test_settings_are_frozen(self, environment: Environment) -> None:
        with pytest.raises(ValueError, match="frozen"):
            environment(**PRODUCTION).debug = True  # type: ignore[misc]
