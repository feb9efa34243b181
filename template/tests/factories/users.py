"""Create accounts and signed-in clients."""

from itertools import count
from typing import Any

from httpx2 import AsyncClient, Response

from app.models.users import User
from tests.fixtures.applications import Api

PASSWORD = "seven quiet lamps by the river"
NEW_PASSWORD = "nine loud drums on the hillside"

_numbers = count(1)


class Person:
    """A client that is signed in."""

    def __init__(self, user: User, tokens: dict[str, Any], http: AsyncClient) -> None:
        self.user = user
        self.email = user.email
        self.http = http
        self.take(tokens)

    def take(self, tokens: dict[str, Any]) -> None:
        """Use these tokens from now on."""
        self.access_token: str = tokens["access_token"]
        self.refresh_token: str = tokens["refresh_token"]
        self.http.headers["Authorization"] = f"Bearer {self.access_token}"

    async def refresh(self, token: str | None = None) -> Response:
        return await self.http.post("/api/v1/auth/refresh", json={"refresh_token": token or self.refresh_token})

    async def is_signed_in(self) -> bool:
        """Whether the access token is still valid."""
        return (await self.http.get("/api/v1/users/me")).status_code == 200

    async def can_refresh(self) -> bool:
        """Whether the newest refresh token still works. If so, the new tokens are used from now on."""
        response = await self.refresh()
        if response.status_code == 200:
            self.take(response.json())
        return response.status_code == 200


def registration(**values: Any) -> dict[str, Any]:
    """The body of a registration that is accepted."""
    email = f"person{next(_numbers)}@example.com"
    return {"email": email, "password": PASSWORD, "first_name": "Grace", "last_name": "Hopper", **values}


async def add_user(api: Api, *, password: str = PASSWORD, **columns: Any) -> User:
    """Add an account to the database."""
    data = registration(**columns)
    data["password_hash"] = await api.components.passwords.hash(password)
    del data["password"]
    user = User(**data)
    async with api.database.write() as session:
        session.add(user)
        await session.commit()
    return user


async def sign_in(api: Api, user: User, *, password: str = PASSWORD, ip: str = "127.0.0.1", **options: Any) -> Person:
    """Sign in to an account, on a new client."""
    http = await api.client(ip, **options)
    response = await http.post("/api/v1/auth/login", json={"email": user.email, "password": password})
    assert response.status_code == 200, response.text
    return Person(user, response.json(), http)


async def signed_in(api: Api, **columns: Any) -> Person:
    """Add an account and sign in to it."""
    return await sign_in(api, await add_user(api, **columns))
