"""A page whose edits do not fit a file fails, instead of changing something else."""

from pathlib import Path

import pytest
from pages import Edit, steps

PAGE = "In `notes.txt`:\n\n```diff\n{}```\n"


def edited(folder: Path, text: str, diff: str) -> str:
    """Make the edit of a page in a file."""
    file = folder / "notes.txt"
    file.write_text(text, "utf-8")
    [edit] = steps(PAGE.format(diff))
    assert isinstance(edit, Edit)
    edit.make(folder)
    return file.read_text("utf-8")


def test_lines_are_added_and_removed_in_each_part_of_a_diff(tmp_path: Path) -> None:
    assert edited(tmp_path, "a\nb\n\nc\n", " a\n-b\n+B\n@@\n \n c\n+d\n") == "a\nB\n\nc\nd\n"


def test_lines_that_are_there_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="2 times"):
        edited(tmp_path, "a\nb\na\n", " a\n+c\n")


def test_lines_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="0 times"):
        edited(tmp_path, "a\n", "-b\n")


def test_an_edit_without_a_file_is_refused() -> None:
    with pytest.raises(AssertionError, match="does not say its file"):
        list(steps("Like this:\n\n```python\n1\n```\n"))
