"""The recipes in docs/recipes work in a new project, and leave it in the style of the house."""

import shutil
from pathlib import Path

import pytest
from conftest import Render, own
from environments import ENVIRONMENTS
from filelock import FileLock
from recipes import FOLDER, INDEX, Recipe, follow, recipes

pytestmark = pytest.mark.recipes

# Programs of the operating system that a page needs, one of each tuple.
NEEDS = {"clients.md": ("npm",), "jobs-redis.md": ("redis-server", "valkey-server")}
CASES = [
    pytest.param(recipe, database, id=f"{recipe.page}-{database}")
    for recipe in recipes()
    for database in recipe.databases
]


@pytest.mark.parametrize(("recipe", "database"), CASES)
def test_a_project_takes_the_recipe(render: Render, tmp_path: Path, recipe: Recipe, database: str) -> None:
    """The page itself adds tests to the project, and runs them."""
    if (programs := NEEDS.get(recipe.page)) and not any(map(shutil.which, programs)):
        pytest.skip(f"{recipe.page} needs {' or '.join(programs)}, which is not installed")
    project = own(render({"database": database}), tmp_path / "my-api")

    environment = follow(recipe, project, database)

    environment.succeed(project, "ruff format --check . && ruff check . && lint-imports")
    # One cache for all recipes: almost everything that mypy reads is the same.
    cache = ENVIRONMENTS / "mypy-recipes"
    with FileLock(f"{cache}.lock"):
        environment.succeed(project, "mypy", MYPY_CACHE_DIR=str(cache))
    environment.succeed(project, "pytest -p no:cacheprovider tests/whole")
    assert recipe.libraries == recipe.installed(environment, project), f"update the row of {recipe.page} in the index"


def test_the_index_lists_every_page() -> None:
    pages = {path.name for path in FOLDER.glob("*.md")} - {INDEX.name}

    assert {recipe.page for recipe in recipes()} == pages
