"""
Print how generated projects differ between the last release and the working tree.

Every combination has a line for each file that differs. The default combination is shown in full, except with `--stat`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from combinations import COMBINATIONS
from copier import run_copy
from releases import NEXT, latest, snapshot


def render(template: Path, target: Path, release: str, answers: dict[str, Any]) -> None:
    run_copy(str(template), target, data=answers, defaults=True, unsafe=False, quiet=True, vcs_ref=release)


def compare(folder: Path, *options: str) -> str:
    """Compare with git, which exits with 1 if there are differences."""
    command = ["git", "diff", "--no-index", *options, "before", "after"]
    finished = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if finished.stderr:
        raise RuntimeError(finished.stderr)
    return finished.stdout.replace("before/", "").replace("after/", "")


def main() -> None:
    release = f"v{latest()}"
    with tempfile.TemporaryDirectory() as temporary:
        template = Path(temporary, "template")
        snapshot(template)
        for name, answers in COMBINATIONS.items():
            folder = Path(temporary, name)
            render(template, folder / "before", release, answers)
            render(template, folder / "after", NEXT, answers)
            print(f"{name}: {release} → {NEXT}\n{compare(folder, '--stat=120') or ' nothing'}")  # noqa: T201
        if "--stat" not in sys.argv:
            print(compare(Path(temporary, next(iter(COMBINATIONS)))))  # noqa: T201


if __name__ == "__main__":
    main()
