"""
The work of a project's owner: an added resource, edits in many files, and a deleted example.

Every edit can be undone, to check an update: without the owner's edits, each file must equal that of a newly generated
project.
"""

from fnmatch import fnmatch
from pathlib import Path

from combinations import ROOT
from edits import END, Change, Edit, Insert, make
from updates import contents

STORY = ROOT / "tests/story"
MIGRATION = "migrations/versions/5f0a9c1d7e23_orders.py"
EXAMPLE = ("items.*", "items_*", "*_items.*", "*_items_*")
ENDPOINT = '''

@router.get("/me/initials")
async def read_initials(caller: CurrentUser) -> dict[str, str]:
    """Show your initials."""
    return {"initials": caller.user.first_name[:1] + caller.user.last_name[:1]}
'''
NICKNAME = "    nickname: Mapped[str | None] = mapped_column(String(MAX_NAME))\n"
LIMIT = 'ORDERS = RateLimitItemPerMinute(20, 1, namespace="orders")\n'
FIXTURE = """

@pytest.fixture
async def eve(api: Api) -> Person:
    return await signed_in(api, first_name="Eve", last_name="Buyer")
"""
HOOK = """      - id: orders
        name: no order is committed
        language: fail
        entry: "Orders do not belong into the repository:"
        files: ^orders/
"""

EDITS: list[Edit] = [
    Insert("app/main.py", "    application.state.components", '    application.state.team = "orders"\n'),
    Insert("app/core/config.py", "    workers: int", "    orders_per_page: int = 5\n"),
    Change("app/core/config.py", "per_user: int = Field(default=50", "per_user: int = Field(default=20"),
    Insert(".env.example", END, "# How many orders stand on a page\nORDERS_PER_PAGE=5\n"),
    Change(".env.example", "MAX_SESSIONS_PER_USER=50", "MAX_SESSIONS_PER_USER=20"),
    Insert("app/models/users.py", "    last_login_at", NICKNAME),
    Insert("app/schemas/users.py", "    last_login_at", "    nickname: str | None\n"),
    Insert("app/services/users.py", "log = ", 'TEAM = "orders"\n'),
    Insert("app/routers/users.py", END, ENDPOINT),
    Insert("app/services/auth.py", "log = ", 'AUTH_TEAM = "orders"\n'),
    Insert("app/core/http/cors.py", "            allow_origins=", "            max_age=60,\n"),
    Insert("app/core/security/throttling.py", "PASSWORD_FAILURES", LIMIT),
    # Right below the comments that divide each list.
    Insert("pyproject.toml", "    # Above: the template's", '    "rich>=14",\n'),
    Insert("pyproject.toml", '    "uv>=0.13",\n    # Above: the template\'s', '    "polyfactory>=3",\n'),
    Insert("ruff.toml", "[lint.per-file-ignores]", '"reports/*" = ["T201"]  # they print\n'),
    Insert("tests/fixtures/people.py", END, FIXTURE),
    Insert("pytest.ini", END, "    orders: is about orders\n"),
    Insert("mypy.ini", END, "\n[mypy-app.models.orders]\ndisallow_any_explicit = true\n"),
    Insert(".gitignore", END, "/reports/\n"),
    Insert(".dockerignore", END, "reports\n"),
    Insert(".pre-commit-config.yaml", END, HOOK),
    Insert("Dockerfile", "EXPOSE", 'LABEL team="orders"\n'),
    Insert("README.md", END, "\n## Orders\n\nAsk the orders team.\n"),
]
# Owners add lines at the end of these files.
LISTS = [".gitignore", ".dockerignore", ".pre-commit-config.yaml", "mypy.ini", "pytest.ini"]


def work_on(project: Path) -> None:
    """Do all of the owner's work."""
    make(EDITS, project)
    write(STORY, project)
    leave(project)


def write(story: Path, project: Path) -> None:
    """Copy the modules of this folder into a project."""
    for source in story.rglob("*.py"):
        target = project / source.relative_to(story)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text("utf-8"), "utf-8")


def leave(project: Path) -> None:
    """Add the migration of orders, and delete the example."""
    _write_migration(project)
    for name in example(project):
        (project / name).unlink()


def example(project: Path) -> list[str]:
    """List the files of the example, except its migrations, because they have already been applied."""
    names = [name for name in contents(project) if not name.startswith("migrations/")]
    return [name for name in names if any(fnmatch(name.rsplit("/", 1)[-1], pattern) for pattern in EXAMPLE)]


def written(project: Path) -> dict[str, str]:
    """Return the files that the owner added."""
    names = [path.relative_to(STORY).as_posix() for path in STORY.rglob("*.py")]
    return {name: (project / name).read_text("utf-8") for name in [*names, MIGRATION]}


def _write_migration(project: Path) -> None:
    versions = project / "migrations/versions"
    names = sorted(path.stem for path in versions.glob("0*.py"))
    drop, restore = RESTORE[sum(name in names for name in TABLE_OF_EXAMPLE)]
    text = (STORY / "migration.py.txt").read_text("utf-8").replace("{head}", names[-1])
    text = text.replace("{drop}", drop).replace("{restore}", restore)
    (project / MIGRATION).write_text(text, "utf-8")


_DROP = '    op.drop_table("items")\n'
_TABLE = '    op.create_table("items", sa.Column("id", sa.BigInteger()), sa.Column("search_text", sa.Text()))\n'
_INDEX = '    op.create_index("ix_items_search_text", "items", ["search_text"])\n'
TABLE_OF_EXAMPLE = ("0002_items", "0003_items_postgresql")
# Indexed by the number of these migrations.
RESTORE = [("", ""), (_DROP, _TABLE), (_DROP, _TABLE + _INDEX)]
