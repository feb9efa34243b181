"""Run `copier update`, and read the files of a project."""

import re
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from combinations import CONFIG, Answers
from copier import run_update
from releases import NEXT, commit

# Files of the owner. An update does not change them, so comparisons leave them out.
OWN = {path.removeprefix("/") for path in CONFIG["_skip_if_exists"]}
MARKERS = (b"<<<<<<< ", b">>>>>>> ")


def update(project: Path, release: str = NEXT, *, quiet: bool = True, **answers: Any) -> None:
    """Update to a release, without `--trust`. Answers do not change unless others are given."""
    run_update(
        str(project),
        data=answers,
        defaults=True,
        overwrite=True,
        unsafe=False,
        conflict="inline",
        vcs_ref=release,
        quiet=quiet,
    )


def follow(project: Path, template: Path) -> None:
    """Use another copy of the template as the source of updates, and commit that."""
    answers = project / ".copier-answers.yml"
    answers.write_text(re.sub(r"(?m)^_src_path: .*$", f"_src_path: {template}", answers.read_text("utf-8")), "utf-8")
    commit(project, "Follow")


def contents(project: Path, *, without: AbstractSet[str] = frozenset()) -> dict[str, bytes]:
    """Return every file except those of git itself."""
    paths = (path for path in project.rglob("*") if path.is_file() and ".git" not in path.relative_to(project).parts)
    named = {path.relative_to(project).as_posix(): path for path in paths}
    return {name: path.read_bytes() for name, path in sorted(named.items()) if name not in without}


def given(project: Path) -> dict[str, bytes]:
    """Return every file except those of the owner."""
    return contents(project, without=OWN)


def conflicts(project: Path) -> list[str]:
    """List the files that an update could not merge."""
    return [
        name
        for name, content in contents(project).items()
        if name.endswith((".rej", ".orig")) or any(marker in content for marker in MARKERS)
    ]


def flips(combination: Answers, features: dict[str, list[Any]]) -> list[Answers]:
    """Return every change of one answer."""
    return [{name: choice} for name, offered in features.items() for choice in offered if choice != combination[name]]
