"""`nox -s diff` shows how generated projects differ from those of the last release."""

import shutil
from pathlib import Path

import diff
import pytest
from conftest import Render

pytestmark = pytest.mark.updates


@pytest.fixture
def folder(render: Render, tmp_path: Path) -> Path:
    for name in ("before", "after"):
        shutil.copytree(render({}), tmp_path / name, copy_function=shutil.copyfile)
    return tmp_path


def test_equal_projects_have_no_diff(folder: Path) -> None:
    assert diff.compare(folder) == ""


def test_the_diff_shows_added_and_removed_files(folder: Path) -> None:
    (folder / "after/app/doors.py").write_text("OPEN = True\n", "utf-8")
    (folder / "after/run.py").unlink()

    lines = diff.compare(folder).splitlines()

    assert "+OPEN = True" in lines
    assert "+++ b/app/doors.py" in lines
    assert "--- a/run.py" in lines
    assert "2 files changed" in diff.compare(folder, "--stat")


def test_an_error_of_git_is_raised(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="before"):
        diff.compare(tmp_path)
