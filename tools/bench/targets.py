"""The measured servers. Each has its own database, filled with users, sessions and items."""

import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import psutil
from copier import run_copy
from environments import Environment, install
from servers import Client, postgresql, serving

HERE = Path(__file__).parent
PASSWORD = "through-9-gates-of-Thebes"  # noqa: S105  of users in a temporary database
ADDRESSES = count(1)


@dataclass(frozen=True)
class Scale:
    """How many rows the tables have."""

    users: int
    items: int
    sessions: int


@dataclass(frozen=True)
class Person:
    """A signed-in user, and an item of this user."""

    email: str
    item: str
    access_token: str
    refresh_token: str


@dataclass
class Target:
    """A running server, its processes, and the users who can sign in."""

    name: str
    client: Client
    environment: Environment
    folder: Path
    settings: dict[str, str]
    users: Iterator[tuple[str, str]] = field(default_factory=lambda: iter(()))

    @property
    def database_url(self) -> str:
        return self.settings["DATABASE_URL"]

    def send(
        self, method: str, path: str, headers: dict[str, str], body: dict[str, str] | None = None
    ) -> tuple[Any, dict[str, str]]:
        """Send one request that must succeed, and return the body and the headers of the response."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **headers}
        with urlopen(Request(self.client.base + path, data, sent, method=method), timeout=30) as response:  # noqa: S310
            return json.load(response), {name.lower(): value for name, value in response.headers.items()}

    def fill(self, scale: Scale) -> None:
        """Create one row of each table through the API, and copy it."""
        names = {"first_name": "Ada", "last_name": "Lovelace"}
        person = {"email": "first@example.com", "password": PASSWORD, **names}
        tokens, _ = self.send("POST", "/api/v1/auth/register", {}, person)
        item = {"name": "The first item", "description": "It is copied.", "status": "active"}
        self.send("POST", "/api/v1/items", bearer(tokens["access_token"]), item)
        command = f"python {HERE / 'seed.py'} '{self.database_url}' {scale.users} {scale.items} {scale.sessions}"
        self.users = cycle(json.loads(self.environment.succeed(self.folder, command)))

    def sign_in(self, people: int) -> list[Person]:
        """Sign in the next users, each from another address, because logins are limited by address."""
        signed_in = []
        for email, item in islice(self.users, people):
            login = {"email": email, "password": PASSWORD}
            tokens, _ = self.send("POST", "/api/v1/auth/login", {"X-Forwarded-For": next_address()}, login)
            signed_in.append(Person(email, item, tokens["access_token"], tokens["refresh_token"]))
        return signed_in

    def server_seconds(self) -> float:
        """Return the CPU time of the server, including its workers."""
        return _cpu_seconds(self.client.pid)

    def database_seconds(self) -> float:
        """Return the CPU time of the database's processes. It is 0 for SQLite, which has no process."""
        folder = parse_qs(urlsplit(self.database_url).query).get("host")
        return _cpu_seconds(int(Path(folder[0], "postmaster.pid").read_text().split()[0])) if folder else 0.0

    def memory_bytes(self) -> int:
        return sum(process.memory_info().rss for process in _tree(self.client.pid))


def next_address() -> str:
    number = next(ADDRESSES)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def render(template: Path, database: str, folder: Path) -> Path:
    """Render a template from its folder, including uncommitted changes."""
    data = {"database": database}
    run_copy(str(template), folder, data=data, defaults=True, quiet=True, unsafe=False, vcs_ref="HEAD")
    return folder


@contextmanager
def project(name: str, template: Path, database: str, scale: Scale) -> Iterator[Target]:
    """Start a project as in production: with one worker, logs in a file, and a trusted proxy."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(_folder()))
        rendered = render(template, database, folder / "project")
        environment = install(rendered)
        url = f"sqlite+aiosqlite:///{folder}/app.db"
        if database == "postgresql":
            url = stack.enter_context(postgresql(environment))
        settings = {
            "ENVIRONMENT": "production",
            "DATABASE_URL": url,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "JWT_SECRET_KEY": secrets.token_urlsafe(48),
            "TRUSTED_PROXIES": "127.0.0.1/32",
        }
        environment.succeed(rendered, "alembic upgrade head", **settings)
        client = stack.enter_context(serving(environment, rendered, "exec python run.py", **settings))
        target = Target(name, client, environment, rendered, settings)
        target.fill(scale)
        yield target


@contextmanager
def floor(environment: Environment, scale: Scale) -> Iterator[Target]:
    """Start the floor with the libraries of a project."""
    with _folder() as folder, postgresql(environment) as url:
        copy = shutil.copytree(HERE / "floor", Path(folder, "floor"))
        settings = {"DATABASE_URL": url, "JWT_SECRET_KEY": secrets.token_urlsafe(48)}
        with serving(environment, copy, "exec python floor.py", **settings) as client:
            target = Target("floor", client, environment, copy, settings)
            target.fill(scale)
            yield target


def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)


def _tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _cpu_seconds(pid: int) -> float:
    """Add up user and system time of the processes, and of their children that have ended."""
    seconds = 0.0
    for process in _tree(pid):
        # The database starts and ends processes of its own. Its first process counts those that have ended.
        with suppress(psutil.NoSuchProcess):
            seconds += sum(process.cpu_times()[:4])
    return seconds
