"""How the `imdb` command prints: rows in four formats, and errors.

CSV and JSON keep every value as it is. On a terminal, and always in a table, control characters are shown as escapes,
because they would change how the terminal behaves.
"""

import json
import math
import re
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from types import FrameType
from typing import Any, NoReturn, TextIO

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

console = Console(emoji=False)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, and characters that change the direction of writing."""
_QUOTED = re.compile(r'[,"\r\n]')
"""Characters that a field of CSV may contain only in quotes (RFC 4180)."""
_AMBIGUOUS = re.compile(r'^$|^\s|\s$|[\[\]{},:"]|^NULL$')
"""Matches texts that must be quoted in a list, because readers could mistake them for the list's own syntax."""


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"


def print_records(records: Sequence[Mapping[str, Any]], output: Format) -> None:
    """Prints records to standard output; the columns are the union of the records' keys."""
    names = list(dict.fromkeys(name for record in records for name in record))
    print_rows(names, ([record.get(name) for name in names] for record in records), output)


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], output: Format, to: TextIO | None = None) -> None:
    """Prints rows; in CSV, lists and records are written as JSON.

    Args:
        columns: Distinct names.
        rows: Rows of Python values. In CSV and JSON, each row is written as soon as it arrives.
        output: The format.
        to: A file to write to instead of standard output; the format `table` cannot go to a file.
    """
    out = to or sys.stdout

    def write(text: str) -> None:
        out.write(_visible(text, keep="\n") if out.isatty() else text)

    match output:
        case Format.csv:
            write(",".join(_field(name) for name in columns) + "\n")
            for row in rows:
                write(",".join("" if value is None else _field(_text(value)) for value in row) + "\n")
        case Format.json:
            before = "["
            for row in rows:
                write(before + _json(dict(zip(columns, row, strict=True))))
                before = ",\n "
            write("[]\n" if before == "[" else "]\n")
        case Format.jsonl:
            for row in rows:
                write(_json(dict(zip(columns, row, strict=True))) + "\n")
        case Format.table:
            _draw(columns, list(rows))


def _visible(text: str, keep: str = "") -> str:
    return _CONTROL.sub(
        lambda found: found[0] if found[0] in keep and keep else found[0].encode("unicode_escape").decode(), text
    )


def _field(text: str) -> str:
    """A field of CSV. An empty field means null, so an empty text is quoted."""
    return '"' + text.replace('"', '""') + '"' if not text or _QUOTED.search(text) else text


def _text(value: Any) -> str:
    """A value as text, in full precision."""
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
        case list() | tuple() | dict():
            return _json(value)
        case _:
            return str(value)


def _json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """The value in JSON's types; a value that has no JSON type becomes text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() if math.isfinite(value):
            return value
        case dict():
            return {key if isinstance(key, str) else _text(key): _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return _text(value)


def _shown(value: Any) -> str:
    """A value as text in a table; texts in lists and records are quoted only where necessary."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_part(key)}: {_part(part)}" for key, part in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_part, value)) + "]"
        case _:
            return _visible(_text(value))


def _part(value: Any) -> str:
    if value is None:
        return "NULL"
    return (
        json.dumps(value, ensure_ascii=False) if isinstance(value, str) and _AMBIGUOUS.search(value) else _shown(value)
    )


def _draw(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Prints a table. If the terminal is too narrow for whole words, prints a line for each value instead."""
    names = [_visible(name) for name in columns]
    cells = [["" if value is None else _visible(_shown(value)) for value in row] for row in rows]
    widths = _widths([[name, *(row[place] for row in cells)] for place, name in enumerate(names)])
    if widths is not None:
        grid = Grid()
        for place, (name, width) in enumerate(zip(names, widths, strict=True)):
            values = [row[place] for row in rows if row[place] is not None]
            number = bool(values) and all(isinstance(one, int | float | Decimal) for one in values)
            grid.add_column(Text(name), justify="right" if number else "left", width=width)
        for row in cells:
            grid.add_row(*map(Text, row))
        console.print(grid)
        return
    width = max(map(cell_len, names))
    for number, row in enumerate(cells, start=1):
        console.print(Text(f"row {number}", style="bold"))
        for name, cell in zip(names, row, strict=True):
            line = f"  {name}{' ' * (width - cell_len(name))}  {cell}".rstrip()
            console.print(Text(line), soft_wrap=True)


def _widths(columns: Sequence[Sequence[str]]) -> list[int] | None:
    """Widths of the columns at which no word is broken; None if the console is too narrow."""
    full = [max(map(cell_len, texts)) for texts in columns]
    widths = [max((cell_len(word) for text in texts for word in text.split()), default=1) for texts in columns]
    spare = console.width - 3 * len(columns) - 1 - sum(widths)  # width that is left after words and borders
    if spare < 0:
        return None
    wanting = sorted(range(len(columns)), key=lambda place: full[place] - widths[place])
    for left, place in zip(range(len(wanting), 0, -1), wanting, strict=True):
        more = min(full[place] - widths[place], spare // left)
        widths[place] += more
        spare -= more
    return widths


@contextmanager
def ended_as_by_ctrl_c() -> Iterator[None]:
    """Lets SIGTERM and a closed terminal end a command as Ctrl-C does, so that unfinished files are removed.

    An error that an interrupted library raises is not shown, because the person ended the command on purpose.
    """
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.default_int_handler(number, frame)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    changed = [number for number, handler in before.items() if handler is not signal.SIG_IGN]  # nohup ignores SIGHUP
    for number in changed:
        signal.signal(number, stop)
    try:
        yield
    except Exception as error:
        if stopped.is_set():
            raise KeyboardInterrupt from error
        raise
    finally:
        for number in changed:
            signal.signal(number, before[number])


def fail(*lines: str) -> NoReturn:
    """Prints lines to standard error and ends the command with exit code 1."""
    for line in lines:
        typer.echo(line, err=True)
    sys.exit(1)
