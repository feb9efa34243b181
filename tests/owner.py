"""
What the owner of a project did to it: a resource of their own, edits all over, and no example any more.

Every edit can be undone, so that an update can be judged by them: without the owner's work, each file must be as it is
in a fresh project.
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
    return {"initials": caller.first_name[:1] + caller.last_name[:1]}
'''
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
    Insert("app/services/users.py", "log = ", 'TEAM = "orders"\n'),
    Insert("app/routers/users.py", END, ENDPOINT),
    # Right below the comments that part each list in two.
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
# To which owners add at the end.
LISTS = [".gitignore", ".dockerignore", ".pre-commit-config.yaml", "mypy.ini", "pytest.ini"]


def work_on(project: Path) -> None:
    """Do all of it."""
    make(EDITS, project)
    for source in STORY.rglob("*.py"):
        target = project / source.relative_to(STORY)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text("utf-8"), "utf-8")
    _write_migration(project)
    for name in example(project):
        (project / name).unlink()


def example(project: Path) -> list[str]:
    """Name the files of the example; its migrations stay, for they happened."""
    names = [name for name in contents(project) if not name.startswith("migrations/")]
    return [name for name in names if any(fnmatch(name.rsplit("/", 1)[-1], pattern) for pattern in EXAMPLE)]


def written(project: Path) -> dict[str, str]:
    """Give the files that are the owner's own."""
    names = [path.relative_to(STORY).as_posix() for path in STORY.rglob("*.py")]
    return {name: (project / name).read_text("utf-8") for name in [*names, MIGRATION]}


def _write_migration(project: Path) -> None:
    versions = project / "migrations/versions"
    names = sorted(path.stem for path in versions.glob("0*.py"))
    drop, restore = RESTORE[sum("_items" in name for name in names)]
    text = (STORY / "migration.py.txt").read_text("utf-8").replace("{head}", names[-1])
    text = text.replace("{drop}", drop).replace("{restore}", restore)
    (project / MIGRATION).write_text(text, "utf-8")


_DROP = '    op.drop_table("items")\n'
_TABLE = '    op.create_table("items", sa.Column("id", sa.BigInteger()), sa.Column("search_text", sa.Text()))\n'
_INDEX = '    op.create_index("ix_items_search_text", "items", ["search_text"])\n'
# By how many migrations of the example there are: its table, and PostgreSQL's index.
RESTORE = [("", ""), (_DROP, _TABLE), (_DROP, _TABLE + _INDEX)]
