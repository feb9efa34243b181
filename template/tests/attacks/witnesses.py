"""Watches everything that goes to a server under attack and comes from it, and looks for secrets when it is over."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from httpx2 import Request, Response
from sqlalchemy import select, type_coerce
from sqlalchemy.types import NullType

from app.core.envelope import SECURITY_HEADERS
from app.core.responses import MEDIA_TYPE
from app.db.base import Base
from app.db.database import Database

SECRETS = {"password", "current_password", "new_password", "refresh_token", "access_token"}
# Whole numbers that count or measure something. Everything else that is a number might be a key of a table.
COUNTS = {"expires_in", "refresh_expires_in", "status", "per_page", "page", "total", "revoked_sessions"}
NUMBERED = re.compile(r"/\d+(/|$)")
# What is shorter, attacks send as text of other members too, where it may stand.
SHORTEST_SECRET = 20
USER_AGENT = "attacker-of-the-tests/1.0"


class Witness:
    """Sees all requests and responses of the clients of one server."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)
        self.secrets: set[str] = set()

    async def sent(self, request: Request) -> None:
        """Remember what nobody may find later."""
        self.secrets |= _secrets_in(await request.aread())

    async def received(self, response: Response) -> None:
        """Check what holds for every response, whatever the attack was."""
        body = await response.aread()
        assert SECURITY_HEADERS.items() <= {name.title(): value for name, value in response.headers.items()}.items()
        assert "server" not in response.headers
        assert not NUMBERED.search(response.headers.get("location", ""))
        # The database or the hashing may be busy. Nothing else is our fault, whatever was sent.
        assert response.status_code < 500 or response.status_code == 503
        if response.status_code == 503:
            assert int(response.headers["retry-after"]) > 0
        if response.status_code >= 400:
            self._is_a_problem(response)
        elif "json" in response.headers.get("content-type", ""):
            assert list(_numbers_in(response.json())) == []
            self.secrets |= _secrets_in(body)

    def _is_a_problem(self, response: Response) -> None:
        if response.request.url.path.startswith("/health"):
            return
        assert response.headers["content-type"] == MEDIA_TYPE
        if response.request.method != "HEAD":
            problem = response.json()
            assert problem["request_id"] == response.headers["x-request-id"]
            assert problem["status"] == response.status_code
            assert [secret for secret in _secrets_in(response.request.content) if secret in response.text] == []

    async def search(self, database: Database, log: str) -> None:
        """Nothing secret is in the log or in any column."""
        stored = [repr(row) async for row in _rows(database)]
        hashes = set(re.findall(r"\$argon2[^'\"\s]+", "\n".join(stored)))

        assert _found(self.secrets | self.keys | {USER_AGENT}, "\n".join(stored)) == []
        assert _found(self.secrets | self.keys | hashes, log) == []
        # Neither an error that nobody foresaw nor a connection that nobody gave back.
        assert '"level": "error"' not in log
        assert "Traceback" not in log


def _found(secrets: set[str], text: str) -> list[str]:
    return [secret for secret in secrets if secret in text]


async def _rows(database: Database) -> Any:
    """What somebody with a copy of the database reads."""
    async with database.read() as session:
        for table in Base.metadata.sorted_tables:
            # Without their types, columns come as they are stored.
            raw = (type_coerce(column, NullType()) for column in table.columns)
            for row in await session.execute(select(*raw)):
                yield tuple(row)


def _secrets_in(content: bytes) -> set[str]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return set()
    values = [str(data[name]) for name in SECRETS & data.keys()] if isinstance(data, dict) else []
    # The signature of an access token is its secret part; without a dot it is the whole.
    parts = [value.rpartition(".")[2] for value in values]
    return {value for value in values + parts if len(value) >= SHORTEST_SECRET and value.isprintable()}


def _numbers_in(data: Any, name: str = "") -> Iterator[str]:
    """Name what might be a key of a table."""
    if isinstance(data, dict):
        for member, value in data.items():
            yield from _numbers_in(value, member)
    elif isinstance(data, list):
        for value in data:
            yield from _numbers_in(value, name)
    elif _may_be_a_key(name, data):
        yield name


def _may_be_a_key(name: str, value: Any) -> bool:
    if name == "id" or name.endswith("_id"):
        return bool(str(UUID(value)) != value)
    return type(value) in {int, float} and name not in COUNTS
