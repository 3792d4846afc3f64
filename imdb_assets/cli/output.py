"""How the `imdb` command prints: rows in three formats, and errors."""

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

if TYPE_CHECKING:
    import polars as pl

console = Console(emoji=False)


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


def print_rows(frame: "pl.DataFrame", output: Format) -> None:
    """Prints a frame to standard output; in CSV, lists are joined by commas, and what has parts of its own is JSON."""
    match output:
        case Format.csv:
            flat = frame.with_columns(_flat(column) for column in frame if column.dtype.is_nested())
            typer.echo(flat.write_csv(), nl=False)
        case Format.json:
            typer.echo(frame.write_json())
        case Format.table:
            grid = Grid()
            for name, dtype in frame.schema.items():
                grid.add_column(escape(name), justify="right" if dtype.is_numeric() else "left", overflow="fold")
            for row in frame.iter_rows():
                grid.add_row(*("" if value is None else escape(str(value)) for value in row))
            console.print(grid)


def _flat(column: "pl.Series") -> "pl.Series":
    import polars as pl

    inner = getattr(column.dtype, "inner", None)
    if inner is not None and not inner.is_nested():
        return column.cast(pl.List(pl.String)).list.join(",")
    texts = [
        None if value is None else json.dumps(value, ensure_ascii=False, default=str) for value in column.to_list()
    ]
    return pl.Series(column.name, texts, pl.String)


def fail(*lines: str) -> NoReturn:
    """Prints lines to standard error and ends the command with exit code 1."""
    for line in lines:
        typer.echo(line, err=True)
    sys.exit(1)
