"""`init-env`, `check-config` and what all commands have in common."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.config import Settings
from tests.fixtures.commands import CommandLine

ROOT = Path(__file__).parents[2]
COMMANDS = [
    "init-env",
    "init-db",
    "seed",
    "create-user",
    "list-users",
    "cleanup-tokens",
    "revoke-sessions",
    "check-config",
]
SECRETS = {"SECRET_KEY", "JWT_SECRET_KEY"}


@pytest.fixture
def own_database_url(database_url: str) -> str:
    """Nothing here writes to it."""
    return database_url


def variables(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


class TestInitEnv:
    async def test_writes_the_example_with_fresh_secrets(self, terminal: CommandLine, tmp_path: Path) -> None:
        result = await terminal.run("init-env")

        assert result.exit_code == 0
        written = variables((tmp_path / ".env").read_text("utf-8"))
        example = variables((ROOT / ".env.example").read_text("utf-8"))
        filled = {name for name, value in written.items() if value != example[name]}
        assert filled >= SECRETS
        assert {name.rpartition("_")[2] for name in filled} <= {"KEY", "PASSWORD"}
        assert len({written[name] for name in filled}) == len(filled)
        assert not any(written[name] in result.output for name in filled)
        assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600

    async def test_what_it_writes_is_fit_to_start(
        self, terminal: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await terminal.run("init-env")
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)

        settings = Settings(_env_file=tmp_path / ".env")

        assert settings.throwaway_secrets == []
        assert settings.environment == "development"

    async def test_never_overwrites(self, terminal: CommandLine, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("MINE=1\n", "utf-8")

        assert "left alone" in await terminal.refused("init-env")
        assert (tmp_path / ".env").read_text("utf-8") == "MINE=1\n"

    async def test_says_if_the_folder_is_closed(self, terminal: CommandLine, tmp_path: Path) -> None:
        tmp_path.joinpath("gone").mkdir()
        terminal.monkeypatch.chdir(tmp_path / "gone")
        tmp_path.joinpath("gone").rmdir()

        assert "cannot be written" in await terminal.refused("init-env")


class TestCheckConfig:
    async def test_says_if_the_application_would_start(self, terminal: CommandLine) -> None:
        result = await terminal.run("check-config")

        assert (result.exit_code, result.stdout) == (0, "OK: these settings are fit for test.\n")

    async def test_says_what_is_made_up(self, terminal: CommandLine) -> None:
        for name in SECRETS:
            terminal.monkeypatch.delenv(name)

        result = await terminal.run("check-config")

        assert result.exit_code == 0
        assert "SECRET_KEY and JWT_SECRET_KEY will be made up" in result.stdout

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SECRET_KEY", "hunter2"),
            ("DATABASE_URL", "oracle://hunter2@host/x"),
            ("RATE_LIMIT_STORAGE_URI", "hunter2:"),
        ],
    )
    async def test_names_what_is_wrong_and_not_its_value(self, terminal: CommandLine, name: str, value: str) -> None:
        terminal.set(**{name: value})

        line = await terminal.refused("check-config")

        assert line.startswith(f"Configuration error: {name}: ")
        assert "hunter2" not in line


class TestEveryCommand:
    @pytest.mark.parametrize("command", COMMANDS)
    async def test_has_help(self, terminal: CommandLine, command: str) -> None:
        result = await terminal.run(command, "--help")

        assert result.exit_code == 0
        assert command in result.stdout

    async def test_is_listed(self, terminal: CommandLine) -> None:
        result = await terminal.run("--help")

        assert result.exit_code == 0
        assert [command for command in COMMANDS if command not in result.stdout] == []

    @pytest.mark.parametrize("arguments", [["nothing"], ["seed", "--nothing"], ["seed", "extra"]])
    async def test_is_called_in_its_own_way(self, terminal: CommandLine, arguments: list[str]) -> None:
        await terminal.refused(*arguments, code=2)

    @pytest.mark.parametrize("command", ["list-users", "seed", "init-db", "check-config", "cleanup-tokens"])
    async def test_needs_settings(self, terminal: CommandLine, command: str) -> None:
        terminal.set(ENVIRONMENT="production", SECRET_KEY="short")

        assert "SECRET_KEY" in await terminal.refused(command)

    def test_works_as_a_program(self) -> None:
        asked = subprocess.run(  # noqa: S603
            [sys.executable, str(ROOT / "cli.py"), "--help"], capture_output=True, check=True, text=True
        )

        assert "check-config" in asked.stdout
        assert asked.stderr == ""
