"""The line length is configured in ruff.toml only."""

import subprocess
from pathlib import Path

import pytest
from conftest import Render, own
from environments import install


def narrow(project: Path) -> Path:
    rules = project / "ruff.toml"
    before = rules.read_text("utf-8")
    rules.write_text(before.replace("\nline-length = 120", "\nline-length = 88"), "utf-8")
    assert rules.read_text("utf-8") != before
    return project


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_formatter_adapts_the_project_to_another_line_length(render: Render, tmp_path: Path, database: str) -> None:
    project = narrow(own(render({"database": database}), tmp_path / "my-api"))

    for command in ("ruff format --quiet", "ruff check --quiet", "ruff format --quiet --check"):
        finished = subprocess.run(command.split(), cwd=project, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stdout


@pytest.mark.projects
def test_types_are_still_correct_after_reformatting(render: Render, tmp_path: Path) -> None:
    project = narrow(own(render({}), tmp_path / "my-api"))

    environment = install(project)
    environment.succeed(project, "ruff format --quiet")
    environment.require_types(project)


def test_no_other_file_contains_the_line_length(project: Path) -> None:
    named = [path for path in project.glob(".*") if path.is_file() and "120" in path.read_text("utf-8")]

    assert named == []
