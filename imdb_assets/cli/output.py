"""How the `imdb` command prints: rows in three formats, and errors."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

if TYPE_CHECKING:
    import polars as pl

console = Console()


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


def print_rows(frame: "pl.DataFrame", output: Format) -> None:
    """Prints a frame to standard output."""
    import polars as pl

    match output:
        case Format.csv:
            lists = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
            flat = frame.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join(",") for name in lists)
            typer.echo(flat.write_csv(), nl=False)
        case Format.json:
            typer.echo(frame.write_json())
        case Format.table:
            grid = Grid()
            for name, dtype in frame.schema.items():
                grid.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
            for row in frame.iter_rows():
                grid.add_row(*("" if value is None else escape(str(value)) for value in row))
            console.print(grid)


def fail(*lines: str) -> NoReturn:
    """Prints lines to standard error and ends the command with exit code 1."""
    for line in lines:
        typer.echo(line, err=True)
    sys.exit(1)
