"""An invented later release. It adds lines to files that owners also edit, as close to their lines as possible."""

from pathlib import Path

from edits import BeforeTheLast, Edit, Insert, make
from releases import NEXT, commit, git, parse

LATER = f"v{parse(NEXT.removeprefix('v'))[0] + 1}.0.0"
FIXTURE = """

@pytest.fixture
async def real_bob(real_api: Api) -> Person:
    return await signed_in(real_api, first_name="Bob", last_name="Later")
"""
LIMIT = 'LATER = RateLimitItemPerHour(3, 1, namespace="later")\n'
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
    Insert("app/main.py", "        application.include_router(module.", '    application.state.release = "later"\n'),
    Insert("app/core/config.py", "    reauthentication_minutes", "    later_limit: int = Field(default=3, ge=1)\n"),
    Insert(".env.example", "LOG_LEVEL=", "# How much is done later\nLATER_LIMIT=3\n"),
    Insert("app/services/users.py", "from app.schemas.users", "\nLATER = 3\n"),
    Insert("app/services/auth.py", "from app.schemas.emails", "\nLATER = 3\n"),
    Insert("app/core/security/throttling.py", "REFRESH_FAILURES", LIMIT),
    Insert("app/routers/users.py", "router = ", "LATER = 3\n"),
    # The last entries of the template, right above the comments that divide each list.
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
    """Clone the template, and add one more release."""
    git(template, "clone", "--quiet", str(template), str(target))
    make(NEWS, target / "template")
    (target / "template/migrations/versions/0004_later.py").write_text(MIGRATION, "utf-8")
    commit(target, "A later release")
    git(target, "tag", LATER)
