"""Write the table of docs/update.md about 1.0: which files of a project moved, and which are gone. Git finds them."""

from pathlib import Path

from releases import ROOT, git, parse, recorded

PAGE = ROOT / "docs/update.md"
BEGIN, END = "<!-- moves: begin -->\n", "<!-- moves: end -->\n"
# How much of a file must still be the same. The commands of the page have the same number.
SIMILARITY = "--find-renames=10%"
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
}


def border() -> tuple[str, str | None]:
    """Give the last commit of 0.x, and the first one of 1.x unless that is the working tree."""
    old = [commit for version, commit in recorded().items() if parse(version)[0] == 0]
    new = [commit for version, commit in recorded().items() if parse(version)[0] == 1]
    return old[-1], new[0] if new else None


def moves(folder: Path, before: str, after: str | None) -> dict[str, str | None]:
    """Give the new name of each file of the template that has another one, None if the file is gone."""
    commits = [before] if after is None else [before, after]
    found = renames(git(folder, "diff", "--name-status", SIMILARITY, *commits, "--", "template"))
    names = {rendered(old): rendered(new) if new else None for old, new in found.items()}
    return {old: new for old, new in names.items() if old != new}


def renames(name_status: str) -> dict[str, str | None]:
    """Read what `git diff --name-status` says about files that moved or are gone."""
    changes = [line.split("\t") for line in name_status.splitlines() if line.startswith(("R", "D"))]
    return {old: new[0] if new else None for _, old, *new in changes}


def table(folder: Path) -> str:
    found = moves(folder, *border())
    rows = [f"| `{old}` | `{new}` |\n" for old, new in found.items() if new]
    rows += [f"| `{old}` | gone; now {GONE[old]} |\n" for old, new in found.items() if not new]
    return "| 0.x | 1.0 |\n|---|---|\n" + "".join(rows)


def page(folder: Path = ROOT) -> str:
    """Give docs/update.md with the table as it should be; files that git does not know yet are not found."""
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    return before + BEGIN + table(folder) + END + rest.split(END)[1]


def rendered(name: str) -> str:
    """Give the name that a file of the template has in a project; becoming one with Jinja in it is no move."""
    return name.removeprefix("template/").removesuffix(".jinja")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
