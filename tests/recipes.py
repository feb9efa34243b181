"""Follow the recipes in docs/recipes: change a project as a page says, and run its commands."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from combinations import ROOT
from environments import Environment, install
from pages import Commands, Edit, steps
from servers import postgresql

FOLDER = ROOT / "docs/recipes"
INDEX = FOLDER / "README.md"
ROW = re.compile(
    r"^\| \[[^]]+\]\((?P<page>[\w-]+\.md)\) \|[^|]*\| (?P<libraries>[^|]+) \| (?P<databases>[\w, ]+) "
    r"\| (?P<versions>[^|]+) \| [\d-]{10} \|$",
    re.MULTILINE,
)
NONE = "none"
EXTRAS = re.compile(r"\[\w+\]")
SERIES = re.compile(r"\d+\.\d+")
PIP = "python -m pip install -r requirements-dev.txt"
# Commands of a page that the tests run. Other commands are in `console` blocks.
COMMAND = re.compile(
    rf"{re.escape(PIP)}|pytest [\w/. -]+|alembic (upgrade head|revision --autogenerate -m \"[\w ]+\")"
    r"|python scripts/(lock\.py|clients\.py|new_resource\.py .+)|python cli\.py [\w -]+"
    r"|npm install --prefix [\w/]+"
)


@dataclass(frozen=True)
class Recipe:
    """A row of the index."""

    page: str
    databases: list[str]
    # The first two numbers of the version of each library.
    libraries: dict[str, str]

    def installed(self, environment: Environment, project: Path) -> dict[str, str]:
        """Return the versions of the same libraries in an environment."""
        program = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
        names = list(self.libraries)
        versions = environment.succeed(project, f"python -c '{program}' {' '.join(names)}").split()
        return dict(zip(names, (SERIES.findall(version)[0] for version in versions), strict=True))


def recipes() -> list[Recipe]:
    """Read the index."""
    return [
        Recipe(row["page"], row["databases"].lower().split(", "), _libraries(row["libraries"], row["versions"]))
        for row in ROW.finditer(INDEX.read_text("utf-8"))
    ]


def follow(recipe: Recipe, project: Path, database: str) -> Environment:
    """Do what a page says, in a project with this database. Return the environment that it installs."""
    environment = install(project)
    with _database(database, environment, project) as url:
        environment.succeed(project, "python cli.py init-env && alembic upgrade head", DATABASE_URL=url)
        for step in steps((FOLDER / recipe.page).read_text("utf-8")):
            match step:
                case Edit():
                    step.make(project)
                case Commands():
                    for command in step.text.splitlines():
                        assert COMMAND.fullmatch(command), f"{recipe.page}: the tests do not allow `{command}`"
                        if command == PIP:
                            environment = install(project)
                        else:
                            environment.succeed(project, command, DATABASE_URL=url)
    return environment


def _libraries(names: str, versions: str) -> dict[str, str]:
    if names == NONE:
        return {}
    return dict(zip(EXTRAS.sub("", names).split(", "), versions.split(", "), strict=True))


@contextmanager
def _database(kind: str, environment: Environment, project: Path) -> Iterator[str]:
    if kind == "postgresql":
        with postgresql(environment) as url:
            yield url
    else:
        yield f"sqlite+aiosqlite:///{project.parent}/recipe.db"
