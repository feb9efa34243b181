"""The requests that are measured."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench.targets import PASSWORD, Person, Target, bearer, next_address
from bench.wrk import Request

RARE, FREQUENT = "zanzibar", "frequent"
# Each login of a run comes from another address, because logins are limited by address.
LOGINS = 2000
DEPTH = 100


class WrongRowsError(Exception):
    """The tables do not have the rows that the requests expect."""

    def __init__(self, target: str, path: str, found: int) -> None:
        super().__init__(f"{target}: {path} has {found} results")


@dataclass(frozen=True)
class Endpoint:
    """One kind of request, and how to prepare the requests of a round."""

    title: str
    requests: Callable[[Target, list[Person]], Iterable[Request]]
    kind: str = "repeated"
    # Hashing keeps every core busy with few connections.
    most_connections: int = 1000


def _reads(path: str) -> Callable[[Target, list[Person]], Iterable[Request]]:
    return lambda _, people: [Request("GET", path, person.access_token) for person in people]


def _deep(target: Target, people: list[Person]) -> Iterable[Request]:
    """Follow the cursors for some pages, and request that page."""
    path = "/api/v1/items"
    for _ in range(DEPTH):
        page, _ = target.send("GET", path, bearer(people[0].access_token))
        if page["next_cursor"] is None:
            break
        path = f"/api/v1/items?cursor={page['next_cursor']}"
    return _reads(path)(target, people)


def _one(_: Target, people: list[Person]) -> Iterable[Request]:
    """Each user reads the items of all users."""
    return [Request("GET", f"/api/v1/items/{b.item}", a.access_token) for a in people for b in people]


def _create(_: Target, people: list[Person]) -> Iterable[Request]:
    body = json.dumps({"name": "A new item", "description": "Made by the benchmark.", "status": "active"})
    return [Request("POST", "/api/v1/items", person.access_token, body) for person in people]


def _patch(target: Target, people: list[Person]) -> Iterable[Request]:
    for person in people:
        path = f"/api/v1/items/{person.item}"
        _, headers = target.send("GET", path, bearer(person.access_token))
        yield Request("PATCH", path, person.access_token, '{"name":"Item renamed"}', headers["etag"])


def _refresh(_: Target, people: list[Person]) -> Iterable[Request]:
    for person in people:
        yield Request("POST", "/api/v1/auth/refresh", body=json.dumps({"refresh_token": person.refresh_token}))


def _login(_: Target, people: list[Person]) -> Iterable[Request]:
    bodies = [json.dumps({"email": person.email, "password": PASSWORD}) for person in people]
    for number in range(LOGINS):
        yield Request("POST", "/api/v1/auth/login", body=bodies[number % len(bodies)], address=next_address())


ENDPOINTS = {
    "me": Endpoint("`GET /users/me`", _reads("/api/v1/users/me")),
    "get": Endpoint("`GET /items/{id}`", _one),
    "list": Endpoint("`GET /items`, 20 items", _reads("/api/v1/items")),
    "deep": Endpoint(f"`GET /items`, after {DEPTH} pages", _deep),
    "my": Endpoint("`GET /items/my`", _reads("/api/v1/items/my")),
    "rare": Endpoint("`GET /items/search`, a rare word", _reads(f"/api/v1/items/search?q={RARE}")),
    "frequent": Endpoint("`GET /items/search`, a frequent word", _reads(f"/api/v1/items/search?q={FREQUENT}")),
    "none": Endpoint("`GET /items/search`, no match", _reads("/api/v1/items/search?q=xylophone")),
    "create": Endpoint("`POST /items`", _create),
    "patch": Endpoint("`PATCH /items/{id}` with `If-Match`", _patch, "patch"),
    "refresh": Endpoint("`POST /auth/refresh`", _refresh, "refresh"),
    "login": Endpoint("`POST /auth/login`", _login, most_connections=4),
}


def check(target: Target, *, items: int) -> None:
    """Fail early if the tables do not have the rows that the requests expect."""
    (person,) = target.sign_in(1)
    expected = {"items": 20, f"items/search?q={RARE}": 10, f"items/search?q={FREQUENT}": min(20, items - 10)}
    for path, results in expected.items():
        page, _ = target.send("GET", f"/api/v1/{path}", bearer(person.access_token))
        found = len(page["results"])
        if found != results:
            raise WrongRowsError(target.name, path, found)
