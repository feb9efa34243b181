"""People of the sample data."""

import secrets

from app.components import Components
from app.schemas.auth import Register
from app.services.users import EmailTaken, UserService

ORDER = 10
PEOPLE = (
    ("ada@example.com", "Ada", "Lovelace"),
    ("grace@example.com", "Grace", "Hopper"),
    ("alan@example.com", "Alan", "Turing"),
)
PASSWORD_CHARACTERS = 24


async def seed(components: Components) -> list[str]:
    """One line a person. Passwords are made up here and known to nobody once they are printed."""
    length = max(PASSWORD_CHARACTERS, components.settings.password_min_length)
    return [await _create(UserService(components), person, length) for person in PEOPLE]


async def _create(users: UserService, person: tuple[str, str, str], length: int) -> str:
    email, first_name, last_name = person
    password = secrets.token_urlsafe(length)[:length]
    data = Register(email=email, first_name=first_name, last_name=last_name, password=password)
    try:
        await users.create(data)
    except EmailTaken:
        return f"{email} exists already."
    return f"{email} created, with password {password}"
