"""A later release, made up: it adds to the files that owners edit too, as near to their lines as a release may."""

from pathlib import Path

from edits import BeforeTheLast, Edit, Insert, make
from releases import NEXT, commit, git, parse

LATER = f"v{parse(NEXT.removeprefix('v'))[0] + 1}.0.0"
FIXTURE = """

@pytest.fixture
async def real_bob(real_api: Api) -> Person:
    return await signed_in(real_api, first_name="Bob", last_name="Later")
"""
MIGRATION = '''"""Nothing, later."""

revision = "0004_later"
down_revision = "0001_users_and_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
'''

NEWS: list[Edit] = [
    Insert("app/main.py", "    handlers.install(application)", '    application.state.release = "later"\n'),
    Insert("app/core/config.py", "    reauthentication_minutes", "    later_limit: int = Field(default=3, ge=1)\n"),
    Insert(".env.example", "LOG_LEVEL=", "# How much is done later\nLATER_LIMIT=3\n"),
    Insert("app/services/users.py", "REFUSALS", "LATER = 3\n"),
    Insert("app/routers/users.py", "router = ", "LATER = 3\n"),
    # The last of the template's own, right above the comments that part each list in two.
    Insert("pyproject.toml", '    "zxcvbn', '    "zipp>=3",\n'),
    Insert("pyproject.toml", '    "uv>=', '    "zope-interface>=8",\n'),
    Insert("ruff.toml", '"app/db/types.py"', '"app/later.py" = ["T201"]  # it prints\n'),
    Insert("tests/fixtures/people.py", '    return await signed_in(api, email="ada@', FIXTURE),
    Insert("Dockerfile", "ENV PATH=", "ENV LATER=3\n"),
    BeforeTheLast("pytest.ini", "    later: is about later\n"),
    BeforeTheLast("mypy.ini", "debug_dataclass_transform = true\n"),
    BeforeTheLast(".gitignore", "/later/\n"),
    BeforeTheLast(".dockerignore", "later\n"),
    BeforeTheLast(".pre-commit-config.yaml", "        verbose: true\n"),
]


def release(template: Path, target: Path) -> None:
    """Clone the template, and release once more."""
    git(template, "clone", "--quiet", str(template), str(target))
    make(NEWS, target / "template")
    (target / "template/migrations/versions/0004_later.py").write_text(MIGRATION, "utf-8")
    commit(target, "A later release")
    git(target, "tag", LATER)
