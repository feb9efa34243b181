"""Break the application on purpose, one defect of tests/mutants.toml at a time, and check that a test fails."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "template"
MUTANTS = ROOT / "tests/mutants.toml"
# The exit code of pytest if tests failed. With any other code, no test has found the defect.
SOME_FAILED = 1
FAILURE = re.compile(r"^(?:FAILED|ERROR) (tests/.+?)(?: - |$)", re.MULTILINE)


def mutants() -> list[dict[str, Any]]:
    """Read the list of defects."""
    table: list[dict[str, Any]] = tomllib.loads(MUTANTS.read_text("utf-8"))["mutant"]
    return table


def edits(mutant: dict[str, Any]) -> list[dict[str, str]]:
    """Return the one or two edits of a mutant."""
    return [mutant, mutant["also"]] if "also" in mutant else [mutant]


def main(words: str) -> int:
    """Try the mutants whose name contains the words, on the database of `TEST_DATABASE`. Return how many survived."""
    database = os.environ.get("TEST_DATABASE", "sqlite")
    chosen = [m for m in mutants() if words in m["name"] and database in m.get("databases", [database])]
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "app")
        shutil.copytree(TEMPLATE, copy, ignore=shutil.ignore_patterns(".*_cache", "__pycache__"))
        for mutant in chosen:
            test = _found_by(mutant, copy)
            survivors += test is None
            tell(f"{mutant['name']}\n    {test or 'SURVIVED'}")
    tell(f"{len(chosen) - survivors} of {len(chosen)} found on {database}")
    return survivors


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _found_by(mutant: dict[str, Any], copy: Path) -> str | None:
    """Return the first test that fails, or None."""
    for edit in edits(mutant):
        path = copy / edit["file"]
        path.write_text(path.read_text("utf-8").replace(edit["old"], edit["new"]), "utf-8")
    # Without bytecode: a changed file with the same size and modification time would not be compiled again.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "slow or not slow", "-p", "no:cacheprovider"]
    command += mutant["tests"]
    run = subprocess.run(command, check=False, cwd=copy, env=environment, capture_output=True, text=True)
    for edit in edits(mutant):
        shutil.copyfile(TEMPLATE / edit["file"], copy / edit["file"])
    if run.returncode != SOME_FAILED:
        return None
    return str(FAILURE.findall(run.stdout)[0])


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
