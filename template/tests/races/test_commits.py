"""A change is visible on every other connection as soon as the response is sent."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select
from starlette.types import Message, Receive, Scope, Send

from app.db.database import Database
from app.models.sessions import Session
from app.models.users import User
from tests.factories.users import NEW_PASSWORD, PASSWORD, Person, registration
from tests.fixtures.applications import Api


class Watched:
    """Wraps an application, and reads the database when a response starts, before the application cleans up."""

    def __init__(self, app: Any, look: Callable[[], Awaitable[Any]]) -> None:
        self.app = app
        self.look = look
        self.seen: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watching(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.seen = await self.look()
            await send(message)

        await self.app(scope, receive, watching)


class Change(NamedTuple):
    """A request, and a value that the database has only after the request."""

    name: str
    method: str
    path: str
    body: dict[str, Any] | None
    column: Any
    expected: Any


CREDENTIALS = {"email": "ada@example.com", "password": PASSWORD}
CHANGES = [
    Change("register", "POST", "/auth/register", registration(), func.count(User.id), 2),
    Change(
        "login", "POST", "/auth/login", {"email": "ada@example.com", "password": PASSWORD}, func.count(Session.id), 2
    ),
    Change("refresh", "POST", "/auth/refresh", {"refresh_token": "newest"}, func.max(Session.generation), 3),
    # The request is refused, but the end of the family must be committed.
    Change("reuse", "POST", "/auth/refresh", {"refresh_token": "oldest"}, func.count(Session.revoked_at), 1),
    Change("logout", "POST", "/auth/logout", None, func.count(Session.revoked_at), 1),
    Change("logout-all", "POST", "/auth/logout-all", None, func.max(User.auth_epoch), 1),
    Change("update", "PATCH", "/users/me", {"first_name": "Augusta"}, func.max(User.first_name), "Augusta"),
    Change(
        "change-password",
        "POST",
        "/users/me/change-password",
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
        func.max(User.auth_epoch),
        1,
    ),
    Change("delete", "DELETE", "/users/me", None, func.count(User.id), 0),
]


@pytest.fixture
async def elsewhere(real_api: Api) -> Database:
    """A separate connection pool, like that of another process."""
    database = Database(real_api.settings)
    real_api.stack.push_async_callback(database.close)
    return database


async def look(database: Database, column: Any) -> Any:
    async with database.read() as session:
        return (await session.scalars(select(column))).one()


class TestCommit:
    @pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change.name))
    async def test_a_change_is_committed_before_the_response(
        self, real_api: Api, elsewhere: Database, real_ada: Person, change: Change
    ) -> None:
        tokens = {"oldest": real_ada.refresh_token}
        for _ in range(2):
            assert await real_ada.can_refresh()
        tokens["newest"] = real_ada.refresh_token
        body = change.body and {name: tokens.get(str(value), value) for name, value in change.body.items()}
        app = Watched(real_api.app, lambda: look(elsewhere, change.column))
        client = await real_api.client(app=app, headers={"Authorization": f"Bearer {real_ada.access_token}"})
        assert await look(elsewhere, change.column) != change.expected

        await client.request(change.method, f"/api/v1{change.path}", json=body)

        assert app.seen == change.expected

    async def test_two_hundred_changes_are_each_visible_after_the_response(
        self, elsewhere: Database, real_ada: Person
    ) -> None:
        for number in range(200):
            name = f"Ada {number}"
            await real_ada.http.patch("/api/v1/users/me", json={"first_name": name})
            assert await look(elsewhere, User.first_name) == name
