"""Accounts of the sample data."""

import secrets

from app.components import Components
from app.core.exceptions import EmailTaken
from app.models.users import Role
from app.schemas.auth import Register
from app.services.auth import AuthService

ORDER = 10
PEOPLE = (
    ("ada@example.com", "Ada", "Lovelace"),
    ("grace@example.com", "Grace", "Hopper"),
    ("alan@example.com", "Alan", "Turing"),
)
ADMIN = "ada@example.com"
PASSWORD_CHARACTERS = 24


async def seed(components: Components) -> list[str]:
    """One line for each account. The passwords are random and printed once."""
    length = max(PASSWORD_CHARACTERS, components.settings.password_min_length)
    lines = [await _create(AuthService(components), person, length) for person in PEOPLE]
    return [*lines, f"{ADMIN} is the administrator."] if lines[0].startswith(f"{ADMIN} created") else lines


async def _create(auth: AuthService, person: tuple[str, str, str], length: int) -> str:
    email, first_name, last_name = person
    password = secrets.token_urlsafe(length)[:length]
    data = Register(email=email, first_name=first_name, last_name=last_name, password=password)
    try:
        await auth.create_account(data, Role.ADMIN if email == ADMIN else Role.USER)
    except EmailTaken:
        return f"{email} exists."
    return f"{email} created, with password {password}"
