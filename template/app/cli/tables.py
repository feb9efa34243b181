"""Tables for people, and for `grep` and `awk` too: columns are two spaces apart, and nothing is cut off."""

from collections.abc import Sequence
from unicodedata import combining, east_asian_width

GAP = "  "


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Every row on a line of its own, below the names of the columns and a rule."""
    shown = [[_harmless(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(columns, *shown, strict=True)]
    rule = ["-" * width for width in widths]
    return "\n".join(_line(row, widths) for row in (columns, rule, *shown))


def _harmless(cell: str) -> str:
    """A terminal obeys some characters, and whoever signs up chooses a name."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in cell)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
    return GAP.join(cells).rstrip()


def _width(text: str) -> int:
    """In cells of a terminal: some characters take two, some none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
