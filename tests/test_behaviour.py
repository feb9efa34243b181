"""The checks of a generated project find the mistakes that they are for. Each mistake is made in a project."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Render, own
from environments import Environment, install
from releases import git

pytestmark = pytest.mark.projects

HOOKS = "pre-commit run --all-files"
NEW_ROUTER = '''"""Doors."""

from app.core.dependencies import CurrentUser
from app.core.exceptions import NotFound
from app.core.routing import api_router

router = api_router("doors")


@router.get("/open", status_code=204)
async def open_door({caller}) -> None:
    """Open a door."""
    {body}
'''


@dataclass(frozen=True)
class Mistake:
    """A mistake of an owner, the check that finds it, and a part of its message."""

    make: Callable[[Path], None]
    check: str
    says: str


def append(file: str, text: str) -> Callable[[Path], None]:
    def make(project: Path) -> None:
        with (project / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    return make


def replace(file: str, old: str, new: str) -> Callable[[Path], None]:
    def make(project: Path) -> None:
        text = (project / file).read_text("utf-8")
        assert old in text
        (project / file).write_text(text.replace(old, new, 1), "utf-8")

    return make


MISTAKES = {
    "a repository that calls a service": Mistake(
        append("app/repositories/users.py", "\nfrom app.services import users as services\n"),
        "lint-imports",
        "Each layer imports only those below it BROKEN",
    ),
    "a router that queries": Mistake(
        append("app/routers/users.py", "\nfrom sqlalchemy import select\n"),
        "lint-imports",
        "Routers reach the database through services only BROKEN",
    ),
    "a module of the core that calls a service": Mistake(
        append("app/core/etags.py", "\nfrom app.services import users\n"),
        "lint-imports",
        "The core imports none of the layers BROKEN",
    ),
    "a service that imports the framework": Mistake(
        append("app/services/users.py", "\nfrom fastapi import Request\n"), "lint-imports", "web framework"
    ),
    "a service that calls another": Mistake(
        append("app/services/users.py", "\nfrom app.services import auth\n"),
        "lint-imports",
        "Services do not call each other BROKEN",
    ),
    "a time without a time zone": Mistake(
        append("app/services/users.py", "\nfrom datetime import datetime\n\nNOW = datetime.now()\n"),
        "ruff check .",
        "DTZ005",
    ),
    "a query made of strings": Mistake(
        append(
            "app/repositories/users.py",
            "\ndef find(name: str) -> str:\n    return f\"SELECT * FROM users WHERE x = '{name}'\"\n",
        ),
        "ruff check .",
        "S608",
    ),
    "a function without types": Mistake(
        append("app/services/users.py", "\n\ndef double(value):\n    return value * 2\n"), "mypy", "no-untyped-def"
    ),
    "a forgotten await": Mistake(
        replace("app/services/users.py", "await session.commit()", "session.commit()"), "mypy", "unused-coroutine"
    ),
    "a committed .env": Mistake(append(".env", "DEBUG=true\n"), HOOKS, "Secrets do not belong"),
    "a secret in a file": Mistake(append("notes.txt", f"SECRET_KEY={'k3y' * 15}\n"), HOOKS, "no secrets in files"),
    "a private key": Mistake(
        append("notes.txt", "-----BEGIN RSA PRIVATE" + " KEY-----\n"), HOOKS, "no secrets in files"
    ),
    "a conflict marker in a file": Mistake(append("README.md", "<<<<<<< before updating\n"), HOOKS, "conflict markers"),
    "a rejected hunk": Mistake(append("app/main.py.rej", "@@ -1 +1 @@\n"), HOOKS, "leftovers of a merge"),
    "a dependency that is not pinned": Mistake(
        replace("pyproject.toml", '"typer>=', '"rich<14",\n    "typer>='),
        "git commit --quiet --all --message Depend && python scripts/lock.py && git diff --exit-code",
        "rich",
    ),
    "a column without a migration": Mistake(
        replace("app/models/users.py", "    email: ", "    nickname: Mapped[str | None]\n    email: "),
        "pytest -q tests/migrations/test_migrations.py",
        "nickname",
    ),
    "a route that is not declared public": Mistake(
        append("app/routers/doors.py", NEW_ROUTER.format(caller="", body="return")),
        "pytest -q tests/whole/test_routes.py",
        "test_every_route_needs_authentication_or_is_declared_public[GET /api/v1/doors/open]",
    ),
    "an error that a route does not declare": Mistake(
        append("app/routers/doors.py", NEW_ROUTER.format(caller="caller: CurrentUser", body="raise NotFound")),
        "pytest -q -m slow tests/whole/test_fuzz.py -k doors",
        "Undocumented status code",
    ),
    "a setting that .env.example does not explain": Mistake(
        replace(
            "app/core/config.py", "    debug: bool = False\n", "    debug: bool = False\n    shiny: bool = False\n"
        ),
        "pytest -q tests/whole/test_env_example.py",
        "SHINY",
    ),
    "a write that is not committed": Mistake(
        replace(
            "app/services/users.py",
            "                setattr(user, name, value)\n            await session.commit()\n",
            "                setattr(user, name, value)\n",
        ),
        "pytest -q -x tests/api/test_users.py",
        "FAILED",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_the_check_finds_the_mistake(mistake: Mistake, render: Render, tmp_path: Path) -> None:
    project = own(render({}), tmp_path / "my-api")
    environment: Environment = install(project)
    mistake.make(project)
    git(project, "add", "--all", "--force")

    caught = environment.check_types(project) if mistake.check == "mypy" else environment.run(project, mistake.check)

    assert caught.returncode != 0, caught.stdout
    assert mistake.says in caught.stdout
