"""`nox -s diff` shows what a change does to generated projects."""

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


def test_nothing_is_nothing(folder: Path) -> None:
    assert diff.compare(folder) == ""


def test_shows_what_is_gained_and_lost(folder: Path) -> None:
    (folder / "after/app/doors.py").write_text("OPEN = True\n", "utf-8")
    (folder / "after/run.py").unlink()

    lines = diff.compare(folder).splitlines()

    assert "+OPEN = True" in lines
    assert "+++ b/app/doors.py" in lines
    assert "--- a/run.py" in lines
    assert "2 files changed" in diff.compare(folder, "--stat")


def test_fails_where_git_does(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="before"):
        diff.compare(tmp_path)
