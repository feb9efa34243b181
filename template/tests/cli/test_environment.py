"""`init-env`, `check-config`, and rules for all commands."""

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.config import Settings
from tests.fixtures.commands import CommandLine
from tests.fixtures.migrations import Copy

ROOT = Path(__file__).parents[2]
COMMANDS = [
    "init-env",
    "init-db",
    "seed",
    "create-user",
    "set-role",
    "disable-user",
    "enable-user",
    "list-users",
    "cleanup-tokens",
    "revoke-sessions",
    "check-config",
]
SECRETS = {"SECRET_KEY", "JWT_SECRET_KEY"}


@pytest.fixture
def own_database_url(database_url: str) -> str:
    """The shared database, because no test of this module writes to it."""
    return database_url


def variables(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


class TestInitEnv:
    async def test_the_example_is_written_with_new_secrets(self, project_copy: Copy) -> None:
        ended = await project_copy.succeed("cli.py", "init-env")

        written = variables((project_copy.folder / ".env").read_text("utf-8"))
        example = variables((ROOT / ".env.example").read_text("utf-8"))
        filled = {name for name, value in written.items() if value != example[name]}
        assert filled >= SECRETS
        assert {name.rpartition("_")[2] for name in filled} <= {"KEY", "PASSWORD"}
        assert len({written[name] for name in filled}) == len(filled)
        assert not any(written[name] in ended.stdout + ended.stderr for name in filled)
        assert stat.S_IMODE((project_copy.folder / ".env").stat().st_mode) == 0o600

    async def test_application_starts_with_the_written_file(
        self, project_copy: Copy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await project_copy.succeed("cli.py", "init-env")
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)

        settings = Settings(_env_file=project_copy.folder / ".env")

        assert settings.random_secrets == []
        assert settings.environment == "development"

    async def test_existing_file_is_not_overwritten(self, project_copy: Copy) -> None:
        (project_copy.folder / ".env").write_text("MINE=1\n", "utf-8")

        ended = await project_copy.run("cli.py", "init-env")

        assert ended.returncode == 1
        assert ended.stderr.count("\n") == 1
        assert ".env exists" in ended.stderr
        assert (project_copy.folder / ".env").read_text("utf-8") == "MINE=1\n"


class TestCheckConfig:
    async def test_valid_settings_are_ok(self, terminal: CommandLine) -> None:
        result = await terminal.run("check-config")

        assert (result.exit_code, result.stdout) == (0, "OK: the application can start with these settings (test).\n")

    async def test_random_secrets_are_listed(self, terminal: CommandLine) -> None:
        for name in SECRETS:
            terminal.monkeypatch.delenv(name)

        result = await terminal.run("check-config")

        assert result.exit_code == 0
        assert "SECRET_KEY and JWT_SECRET_KEY: random at each start" in result.stdout

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SECRET_KEY", "hunter2"),
            ("DATABASE_URL", "oracle://hunter2@host/x"),
            ("RATE_LIMIT_STORAGE_URI", "hunter2:"),
        ],
    )
    async def test_message_names_only_the_setting(self, terminal: CommandLine, name: str, value: str) -> None:
        terminal.set(**{name: value})

        line = await terminal.refused("check-config")

        assert line.startswith(f"Configuration error: {name}: ")
        assert "hunter2" not in line


class TestAnotherFolder:
    """Commands may be started from any folder, as a service manager does."""

    async def test_env_file_of_the_project_is_read(self, project_copy: Copy, tmp_path: Path) -> None:
        await elsewhere(tmp_path, project_copy.folder / "cli.py", "init-env")

        ended = await elsewhere(tmp_path, project_copy.folder / "cli.py", "check-config")

        assert ended.returncode == 0, ended.stderr
        assert "development" in ended.stdout
        assert "random" not in ended.stdout
        assert not (tmp_path / ".env").exists()

    async def test_env_file_of_another_folder_is_not_read(self, project_copy: Copy, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("ENVIRONMENT=nonsense\n", "utf-8")
        await project_copy.succeed("cli.py", "init-env")

        ended = await elsewhere(tmp_path, project_copy.folder / "cli.py", "check-config")

        assert ended.returncode == 0, ended.stderr


async def elsewhere(folder: Path, script: Path, command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in another folder, without settings in the environment."""
    ours = {"env_file", *Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name.lower() not in ours}
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, str(script), command],
        cwd=folder,
        env=kept,
        capture_output=True,
        check=False,
        text=True,
    )


class TestEveryCommand:
    @pytest.mark.parametrize("command", COMMANDS)
    async def test_every_command_has_help(self, terminal: CommandLine, command: str) -> None:
        result = await terminal.run(command, "--help")

        assert result.exit_code == 0
        assert command in result.stdout

    async def test_every_command_is_listed(self, terminal: CommandLine) -> None:
        result = await terminal.run("--help")

        assert result.exit_code == 0
        assert [command for command in COMMANDS if command not in result.stdout] == []

    @pytest.mark.parametrize("arguments", [["nothing"], ["seed", "--nothing"], ["seed", "extra"]])
    async def test_wrong_usage_is_exit_code_2(self, terminal: CommandLine, arguments: list[str]) -> None:
        await terminal.refused(*arguments, code=2)

    @pytest.mark.parametrize("command", ["list-users", "seed", "init-db", "check-config", "cleanup-tokens"])
    async def test_invalid_settings_are_reported(self, terminal: CommandLine, command: str) -> None:
        terminal.set(ENVIRONMENT="production", SECRET_KEY="short")

        assert "SECRET_KEY" in await terminal.refused(command)

    def test_help_works_in_its_own_process(self) -> None:
        asked = subprocess.run(  # noqa: S603
            [sys.executable, str(ROOT / "cli.py"), "--help"], capture_output=True, check=True, text=True
        )

        assert "check-config" in asked.stdout
        assert asked.stderr == ""
