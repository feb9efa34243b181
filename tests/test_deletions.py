"""After an owner deletes folders, the rest of the project works."""

import ast
import shutil
from pathlib import Path

import pytest
from conftest import Render, own
from environments import install


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    modules = {
        f"{node.module}.{name.name}" for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names
    }
    return modules | {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}


def test_no_folder_of_tests_imports_another(project: Path) -> None:
    folders = {path.parent.name for path in (project / "tests").glob("*/test_*.py")}
    needed = {
        f"{path.relative_to(project)} needs {module}"
        for path in (project / "tests").rglob("*.py")
        for module in imported(path)
        for folder in folders - {path.parent.name}
        if f"{module}.".startswith(f"tests.{folder}.")
    }

    assert {"api", "attacks", "races", "whole"} <= folders
    assert needed == set()


@pytest.mark.projects
def test_the_remaining_tests_pass(render: Render, tmp_path: Path) -> None:
    project = own(render({}), tmp_path / "my-api")
    tests = [f"tests/{name}" for name in ("api", "attacks", "cli", "races", "unit")]
    for folder in ["docs", "deploy", ".github", *tests]:
        shutil.rmtree(project / folder, ignore_errors=True)
    environment = install(project)

    environment.succeed(project, "pytest -q -p no:cacheprovider && ruff check .")
    environment.require_types(project)
    said = environment.succeed(
        project, "git restore docs && pytest -q -p no:cacheprovider tests/whole/test_security_docs.py"
    )

    assert "docs/security.md names tests/attacks/" in said
