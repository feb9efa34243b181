"""`cleanup-tokens` and `revoke-sessions`."""

import asyncio
import os
import sys

import pytest

from app.cli.environment import ROOT
from tests import expect
from tests.factories.sessions import count_sessions, time_passes
from tests.factories.users import Person, add_user, sign_in, signed_in
from tests.fixtures.applications import Api
from tests.fixtures.commands import CommandLine


class TestCleanupTokens:
    async def test_old_sessions_are_deleted(self, terminal: CommandLine, real_api: Api, real_ada: Person) -> None:
        phone = await sign_in(real_api, real_ada.user)
        await phone.http.post("/api/v1/auth/logout")
        await time_passes(real_api, days=13)
        assert await real_ada.can_refresh()

        kept = await terminal.run("cleanup-tokens")
        counted = await terminal.run("cleanup-tokens", "--retention-days", "12", "--dry-run")
        assert await count_sessions(real_api) == 2
        deleted = await terminal.run("cleanup-tokens", "--retention-days", "12")

        assert kept.stdout == "Deleted 0 sessions that ended more than 30 days ago.\n"
        assert counted.stdout == "Would delete 1 session that ended more than 12 days ago.\n"
        assert deleted.stdout == "Deleted 1 session that ended more than 12 days ago.\n"
        assert await count_sessions(real_api) == 1
        assert await real_ada.is_signed_in()

    async def test_expired_sessions_are_deleted(self, terminal: CommandLine, real_api: Api, real_ada: Person) -> None:
        await time_passes(real_api, days=15)

        await terminal.run("cleanup-tokens", "--retention-days", "0")

        assert await count_sessions(real_api) == 0
        expect.unauthorized(await real_ada.refresh(), "invalid_refresh_token")

    @pytest.mark.usefixtures("real_ada")
    async def test_the_progress_is_shown_in_a_terminal_only(self, terminal: CommandLine, real_api: Api) -> None:
        pty = pytest.importorskip("pty", reason="this system has no terminals that a program can open")
        command = "cleanup-tokens", "--retention-days", "0"
        await time_passes(real_api, days=15)
        shown, terminal_end = pty.openpty()
        try:
            in_a_terminal = await asyncio.create_subprocess_exec(
                sys.executable, ROOT / "cli.py", *command, stdout=asyncio.subprocess.PIPE, stderr=terminal_end
            )
            output, _ = await in_a_terminal.communicate()
            progress = os.read(shown, 10_000).decode()
        finally:
            os.close(shown)
            os.close(terminal_end)
        elsewhere = await terminal.run(*command)

        assert "Deleting sessions" in progress
        assert "100%" in progress
        assert output.decode() == "Deleted 1 session that ended more than 0 days ago.\n"
        assert elsewhere.stderr == ""

    async def test_reuse_is_still_detected(self, terminal: CommandLine, real_api: Api, real_ada: Person) -> None:
        stolen = real_ada.refresh_token
        for _ in range(2):
            assert await real_ada.can_refresh()
        await time_passes(real_api, days=1)

        await terminal.run("cleanup-tokens", "--retention-days", "0")

        expect.unauthorized(await real_ada.refresh(stolen), "refresh_token_reused")
        assert not await real_ada.is_signed_in()

    @pytest.mark.parametrize("days", ["-1", "x", "1.5", "99999999999"])
    async def test_invalid_number_of_days_is_refused(self, terminal: CommandLine, days: str) -> None:
        assert "--retention-days" in await terminal.refused("cleanup-tokens", "--retention-days", days, code=2)


class TestRevokeSessions:
    async def test_one_account_is_signed_out(self, terminal: CommandLine, real_api: Api, real_ada: Person) -> None:
        bob = await signed_in(real_api)

        result = await terminal.run("revoke-sessions", "--email", real_ada.email.upper())

        assert (result.exit_code, result.stdout) == (0, "Ended 1 session.\n")
        expect.unauthorized(await real_ada.http.get("/api/v1/users/me"))
        expect.unauthorized(await real_ada.refresh(), "invalid_refresh_token")
        assert await bob.is_signed_in()
        assert await (await sign_in(real_api, real_ada.user)).is_signed_in()

    async def test_all_accounts_are_signed_out(self, terminal: CommandLine, real_api: Api, real_ada: Person) -> None:
        bob = await signed_in(real_api)

        result = await terminal.run("revoke-sessions", "--all")

        assert result.stdout == "Ended 2 sessions.\n"
        for person in (real_ada, bob):
            assert not await person.is_signed_in()
            assert not await person.can_refresh()

    async def test_unknown_address_is_reported(self, terminal: CommandLine, real_api: Api) -> None:
        await add_user(real_api)

        assert "no account" in await terminal.refused("revoke-sessions", "--email", "nobody@example.com")
        await terminal.refused("revoke-sessions", "--email", "no address")

    @pytest.mark.parametrize("arguments", [[], ["--all", "--email", "ada@example.com"]])
    async def test_exactly_one_option_is_needed(self, terminal: CommandLine, arguments: list[str]) -> None:
        assert "--email" in await terminal.refused("revoke-sessions", *arguments, code=2)
