"""Write the table in docs/update.md of what an update does with each file of a project."""

from pathlib import Path
from typing import Any

import yaml
from releases import git

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/update.md"
BEGIN, END = "<!-- files: begin -->\n", "<!-- files: end -->\n"
SHARED = {
    "pyproject.toml": "add below the comment that parts the list in two",
    ".env.example": "add below the last comment",
}
MERGED = {True: "ours: merged file by file; new files are yours", False: "ours: merged"}
OPENED = {"app/", "migrations/", "tests/"}


def table() -> str:
    """List the files and folders of the project, and the content of `OPENED` folders."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
    own = [path.removeprefix("/") for path in config["_skip_if_exists"]]
    tracked = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "template").splitlines()
    tops = {_top(name.removeprefix("template/")) for name in tracked if "{" not in name and "__init__" not in name}
    rows = [(name, "yours: written once, never touched") for name in own]
    rows += [(name, f"shared: {how}") for name, how in SHARED.items()]
    rows += [(name, MERGED[name.endswith("/")]) for name in sorted(tops - set(own) - set(SHARED))]
    return "| file | an update |\n|---|---|\n" + "".join(f"| `{name}` | {what} |\n" for name, what in rows)


def _top(name: str) -> str:
    """Return the first folder of a path, or the next one in an `OPENED` folder, or the file itself."""
    first, slash, rest = name.partition("/")
    if slash and f"{first}/" in OPENED:
        return f"{first}/{_top(rest)}"
    return first + slash if slash else first.removesuffix(".jinja")


def page() -> str:
    """Return docs/update.md with the current table."""
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
