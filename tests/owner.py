"""
What the owner of a project did to it: a resource of their own, edits all over, and no example any more.

Every edit inserts lines, so that an update can be judged by them: without the owner's lines, each file must be as it is
in a fresh project.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from combinations import ROOT
from updates import contents

STORY = ROOT / "tests/story"
EXAMPLE = ("items.*", "items_*", "*_items.*", "*_items_*")
END = ""
ENDPOINT = '''

@router.get("/me/initials")
async def read_initials(caller: CurrentUser) -> dict[str, str]:
    """Show your initials."""
    return {"initials": caller.first_name[:1] + caller.last_name[:1]}
'''


@dataclass(frozen=True)
class Edit:
    """Lines that stand after the first one that begins like this, or at the end."""

    file: str
    after: str
    lines: str

    def make(self, project: Path) -> None:
        path = project / self.file
        text = path.read_text("utf-8")
        if self.after:
            anchor = re.search(rf"^{re.escape(self.after)}.*\n", text, re.MULTILINE)
            assert anchor, f"{self.file} has no line {self.after!r}"
            text = text[: anchor.end()] + self.lines + text[anchor.end() :]
        else:
            text += self.lines
        path.write_text(text, "utf-8")


EDITS = [
    Edit("app/main.py", "    application.state.components", '    application.state.team = "orders"\n'),
    Edit("app/core/config.py", "    workers: int", "    orders_per_page: int = 5\n"),
    Edit("app/services/users.py", "log = ", 'TEAM = "orders"\n'),
    Edit("app/routers/users.py", END, ENDPOINT),
    Edit(".env.example", END, "# How many orders stand on a page\nORDERS_PER_PAGE=5\n"),
    Edit("pyproject.toml", "    # Above: the template's", '    "rich>=14",\n'),
    Edit("ruff.toml", "[lint.per-file-ignores]", '"reports/*" = ["T201"]  # they print\n'),
    Edit("tests/fixtures/people.py", "import pytest", "# Eve listens.\n"),
    Edit("Dockerfile", "EXPOSE", 'LABEL team="orders"\n'),
    Edit("README.md", END, "\n## Orders\n\nAsk the orders team.\n"),
]


def work_on(project: Path) -> None:
    """Do all of it."""
    for edit in EDITS:
        if (project / edit.file).exists():
            edit.make(project)
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


def without_edits(name: str, text: str) -> str:
    """Take the owner's lines out again; each must be there once."""
    for edit in EDITS:
        if edit.file == name:
            assert text.count(edit.lines) == 1, f"{name} lost a line of its owner"
            text = text.replace(edit.lines, "")
    return text


def written(project: Path) -> dict[str, str]:
    """Give the files that are the owner's own."""
    names = [path.relative_to(STORY).as_posix() for path in STORY.rglob("*.py")]
    return {
        name: (project / name).read_text("utf-8") for name in [*names, "migrations/versions/5f0a9c1d7e23_orders.py"]
    }


def _write_migration(project: Path) -> None:
    versions = project / "migrations/versions"
    head = max(path.stem for path in versions.glob("0*.py"))
    kind = {"0001": "without", "0002": "plain", "0003": "indexed"}[head[:4]]
    text = (STORY / "migration.py.txt").read_text("utf-8").replace("{head}", head)
    drop, restore = RESTORE[kind]
    text = text.replace("{drop}", drop).replace("{restore}", restore)
    (versions / "5f0a9c1d7e23_orders.py").write_text(text, "utf-8")


_DROP = '    op.drop_table("items")\n'
_TABLE = '    op.create_table("items", sa.Column("id", sa.BigInteger()), sa.Column("search_text", sa.Text()))\n'
_INDEX = '    op.create_index("ix_items_search_text", "items", ["search_text"])\n'
RESTORE = {"without": ("", ""), "plain": (_DROP, _TABLE), "indexed": (_DROP, _TABLE + _INDEX)}
