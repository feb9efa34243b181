"""Print lists, for people or for programs."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

WIDTH = 1000


def print_json(data: Any) -> None:
    """Print what can be written as JSON."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print one row for each line."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # Users choose their names, so names must not contain control characters or markup for the terminal.
        table.add_row(*(Text("".join(char if char.isprintable() else "�" for char in cell)) for cell in row))
    # Every row is one line, so that programs can read it, and people can copy what the terminal breaks.
    Console(width=WIDTH).print(table)
