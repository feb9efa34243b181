"""Write the table in docs/update.md of the files that 1.0 moved or removed. Git finds them."""

from pathlib import Path

from releases import ROOT, git, parse, recorded

PAGE = ROOT / "docs/update.md"
BEGIN, END = "<!-- moves: begin -->\n", "<!-- moves: end -->\n"
# The part of a file that must be unchanged. The commands of the page have the same number.
SIMILARITY = "--find-renames=12%"
GONE = {
    "app/cli/tables.py": "`rich.table`, as `app/cli/users.py` shows",
    "app/core/handlers.py": "`app/core/http/errors.py`",
    "app/core/capacity.py": "`app/core/http/limits.py`",
    "app/core/security/session_policy.py": "`app/core/config.py`: the settings themselves",
    "app/core/security/tokens.py": "`app/services/auth.py`",
    "app/core/security/toolbox.py": "`app/components.py`",
    "app/core/server.py": "`run.py`: uvicorn's own options",
    "app/db/violations.py": "`app/core/exceptions.py`: `Conflict`",
    "app/services/passwords.py": "`app/services/auth.py`",
    "app/services/tokens.py": "`app/services/auth.py`",
    "tests/whole/test_server.py": "`tests/processes/test_server.py`",
}


def border() -> tuple[str, str | None]:
    """Return the last commit of 0.x, and the first of 1.x, or None if that is the working tree."""
    old = [commit for version, commit in recorded().items() if parse(version)[0] == 0]
    new = [commit for version, commit in recorded().items() if parse(version)[0] == 1]
    return old[-1], new[0] if new else None


def moves(folder: Path, before: str, after: str | None) -> dict[str, str | None]:
    """Return the new name of each renamed file of the template, and None for each removed one."""
    commits = [before] if after is None else [before, after]
    found = renames(git(folder, "diff", "--name-status", SIMILARITY, *commits, "--", "template"))
    names = {rendered(old): rendered(new) if new else None for old, new in found.items()}
    return {old: new for old, new in names.items() if old != new}


def renames(name_status: str) -> dict[str, str | None]:
    """Read the moved and removed files from the output of `git diff --name-status`."""
    changes = [line.split("\t") for line in name_status.splitlines() if line.startswith(("R", "D"))]
    return {old: new[0] if new else None for _, old, *new in changes}


def table(folder: Path) -> str:
    found = moves(folder, *border())
    rows = [f"| `{old}` | `{new}` |\n" for old, new in found.items() if new]
    rows += [f"| `{old}` | gone; now {GONE[old]} |\n" for old, new in found.items() if not new]
    return "| 0.x | 1.0 |\n|---|---|\n" + "".join(rows)


def page(folder: Path = ROOT) -> str:
    """Return docs/update.md with the current table. It does not contain files that are not yet added to git."""
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    return before + BEGIN + table(folder) + END + rest.split(END)[1]


def rendered(name: str) -> str:
    """Return the name of a template's file in a project. A file that only gets the suffix `.jinja` did not move."""
    return name.removeprefix("template/").removesuffix(".jinja")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
