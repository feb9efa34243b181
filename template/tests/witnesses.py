"""Check every response of a tested server. At the end, search its log and its database for secrets."""

import json
import re
from collections.abc import Iterator
from typing import Any

from httpx2 import Request, Response
from sqlalchemy import select, type_coerce
from sqlalchemy.types import NullType

from app.core.http.envelope import HEADERS
from app.core.responses import MEDIA_TYPE
from app.db.base import Base
from app.db.database import Database
from tests import keys

SECRETS = {"password", "current_password", "new_password", "refresh_token", "access_token", "token"}
OWN = ("cache-control", "content-security-policy")
NUMBERED = re.compile(r"/\d+(/|$)")
# Attacks also send shorter values in other members. Those may appear.
SHORTEST_SECRET = 20
USER_AGENT = "attacker-of-the-tests/1.0"


class Witness:
    """Checks every request and response of the clients of one server."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)
        self.secrets: set[str] = set()
        self.expected_errors: set[str] = set()

    async def sent(self, request: Request) -> None:
        """Record the secrets of a request."""
        self.secrets |= _secrets_in(await request.aread())

    async def received(self, response: Response) -> None:
        """Check the rules that hold for every response."""
        body = await response.aread()
        headers = dict(response.headers)
        # A route may set its own value of these headers.
        assert HEADERS.items() <= {**headers, **{name: HEADERS[name] for name in OWN if name in headers}}.items()
        assert "server" not in response.headers
        assert not NUMBERED.search(response.headers.get("location", ""))
        # The database or the hashing may be busy. No request may cause any other server error.
        assert response.status_code < 500 or response.status_code == 503
        if response.status_code == 503:
            assert int(response.headers["retry-after"]) > 0
        if response.status_code >= 400:
            self._is_a_problem(response)
        elif "json" in response.headers.get("content-type", ""):
            assert list(_keys_in(response.json())) == []
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
        """Check that no secret is in the log or in any column."""
        stored = [repr(row) async for row in _rows(database)]
        hashes = set(re.findall(r"\$argon2[^'\"\s]+", "\n".join(stored)))

        assert _found(self.secrets | self.keys | {USER_AGENT}, "\n".join(stored)) == []
        assert _found(self.secrets | self.keys | hashes, log) == []
        # There is no unexpected error. A connection that was not returned to its pool is logged as one.
        errors = {line["event"] for line in map(json.loads, log.splitlines()) if line["level"] == "error"}
        assert errors <= self.expected_errors
        assert ("Traceback" in log) <= ("Exception in ASGI application" in self.expected_errors)


def _found(secrets: set[str], text: str) -> list[str]:
    return [secret for secret in secrets if secret in text]


async def _rows(database: Database) -> Any:
    """Every row as it is stored, without decryption."""
    async with database.read() as session:
        for table in Base.metadata.sorted_tables:
            # Without its type, a column is read as it is stored.
            raw = (type_coerce(column, NullType()) for column in table.columns)
            for row in await session.execute(select(*raw)):
                yield tuple(row)


def _secrets_in(content: bytes) -> set[str]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return set()
    values = [str(data[name]) for name in SECRETS & data.keys()] if isinstance(data, dict) else []
    # The secret part of an access token is its signature. A value without a dot is secret as a whole.
    parts = [value.rpartition(".")[2] for value in values]
    return {value for value in values + parts if len(value) >= SHORTEST_SECRET and value.isprintable()}


def _keys_in(data: Any, name: str = "") -> Iterator[str]:
    """The names of members with an integer key."""
    if isinstance(data, dict):
        for member, value in data.items():
            yield from _keys_in(value, member)
    elif isinstance(data, list):
        for value in data:
            yield from _keys_in(value, name)
    elif type(data) is int and name in keys.NAMES:
        yield name
