"""`init-db` and `seed`."""

import re

from sqlalchemy import text

from tests.databases import Server
from tests.factories.users import add_user
from tests.fixtures.applications import Api
from tests.fixtures.commands import CommandLine


class TestInitDb:
    async def test_migrations_are_applied(self, terminal: CommandLine, server: Server) -> None:
        terminal.set(DATABASE_URL=await server.create())
        assert "alembic upgrade head" in await terminal.refused("list-users")

        result = await terminal.run("init-db")

        assert result.exit_code == 0
        assert result.stdout.startswith("Migrated the database to ")
        assert (await terminal.run("list-users")).exit_code == 0

    async def test_a_second_run_changes_nothing(self, terminal: CommandLine) -> None:
        result = await terminal.run("init-db")

        assert result.exit_code == 0
        assert result.stdout.startswith("The database is up to date.")

    async def test_unknown_revision_is_reported(self, terminal: CommandLine, real_api: Api) -> None:
        async with real_api.database.write() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = 'of_somebody_else'"))
            await session.commit()

        assert (await terminal.refused("init-db")).startswith("Migrations: Can't locate revision")

    async def test_production_is_refused(self, terminal: CommandLine) -> None:
        terminal.set(ENVIRONMENT="production", ARGON2_MEMORY_COST=47104)

        assert "alembic upgrade head" in await terminal.refused("init-db")

    async def test_unreachable_database_is_reported(self, terminal: CommandLine, server: Server) -> None:
        terminal.set(DATABASE_URL=server.unreachable())

        for command in ("init-db", "list-users", "seed"):
            line = await terminal.refused(command)
            assert "cannot be reached" in line
            assert "secret-name" not in line


class TestSeed:
    async def test_sample_users_can_sign_in(self, terminal: CommandLine, real_api: Api) -> None:
        result = await terminal.run("seed")

        assert result.exit_code == 0
        created = re.findall(r"^(\S+) created, with password (\S+)$", result.stdout, re.MULTILINE)
        assert len(created) >= 2
        client = await real_api.client()
        for email, password in created:
            response = await client.post("/api/v1/auth/login", json={"email": email, "password": password})
            assert response.status_code == 200

    async def test_a_second_run_adds_nothing(self, terminal: CommandLine) -> None:
        await terminal.run("seed")
        before = (await terminal.run("list-users")).stdout

        result = await terminal.run("seed")

        assert result.exit_code == 0
        assert "with password" not in result.stdout
        assert (await terminal.run("list-users")).stdout == before

    async def test_other_accounts_are_not_changed(self, terminal: CommandLine, real_api: Api) -> None:
        await add_user(real_api, email="somebody@example.com")

        await terminal.run("seed")

        assert "somebody@example.com" in (await terminal.run("list-users")).stdout

    async def test_production_is_refused(self, terminal: CommandLine) -> None:
        terminal.set(ENVIRONMENT="production", ARGON2_MEMORY_COST=47104)

        assert "production" in await terminal.refused("seed")
        assert (await terminal.run("list-users")).stdout == "There are no accounts yet.\n"
