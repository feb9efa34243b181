"""Edits of text files that can be undone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

END = ""


class Edit(Protocol):
    @property
    def file(self) -> str: ...

    def applied(self, text: str) -> str: ...

    def undone(self, text: str) -> str: ...


@dataclass(frozen=True)
class Insert:
    """Insert lines after the first line that begins with `after`, or at the end."""

    file: str
    after: str
    lines: str

    def applied(self, text: str) -> str:
        if not self.after:
            return text + self.lines
        anchor = re.search(rf"^{re.escape(self.after)}.*\n", text, re.MULTILINE)
        assert anchor, f"{self.file} has no line {self.after!r}"
        return text[: anchor.end()] + self.lines + text[anchor.end() :]

    def undone(self, text: str) -> str:
        return _replaced(self.file, text, self.lines, "")


@dataclass(frozen=True)
class BeforeTheLast:
    """Insert lines before the last line. There a release adds to a list, because owners add lines at its end."""

    file: str
    lines: str

    def applied(self, text: str) -> str:
        position = text.rindex("\n", 0, -1) + 1
        return text[:position] + self.lines + text[position:]

    def undone(self, text: str) -> str:
        return _replaced(self.file, text, self.lines, "")


@dataclass(frozen=True)
class Change:
    """Replace a text."""

    file: str
    old: str
    new: str

    def applied(self, text: str) -> str:
        return _replaced(self.file, text, self.old, self.new)

    def undone(self, text: str) -> str:
        return _replaced(self.file, text, self.new, self.old)


def _replaced(file: str, text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
    return text.replace(old, new)


def make(edits: Iterable[Edit], folder: Path) -> None:
    """Make the edits whose file exists, with or without `.jinja`. Some files exist with one answer only."""
    for edit in edits:
        for path in (folder / edit.file, folder / f"{edit.file}.jinja"):
            if path.exists():
                path.write_text(edit.applied(path.read_text("utf-8")), "utf-8")


def undo(edits: Iterable[Edit], file: str, text: str) -> str:
    for edit in edits:
        if edit.file == file:
            text = edit.undone(text)
    return text
