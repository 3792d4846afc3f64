"""Reads a dump: lines of a gzip file become typed rows, and what cannot be read becomes quarantine rows.

There is no quoting in IMDb's files: a line is split at its tabs and nowhere else. Both results come out of one
streaming pass over the file. Where dumps come from and where rows go is not known here.
"""

import gzip
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import dataframely as dy
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import header

NULL = r"\N"

_ESCAPE = r'\\["\\/bfnrt]|\\u(?:[0-9a-ce-fA-CE-F][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2})'
_STRING = rf'"(?:[^"\\\x00-\x1f]|{_ESCAPE})*"'
JSON_STRINGS = rf"^\[(?:{_STRING}(?:,{_STRING})*)?\]$"
"""A JSON array of strings (RFC 8259) without white space and surrogate escapes: what IMDb writes."""


class DumpError(Exception):
    """A dump cannot be read at all; the message names the file, what is wrong and the remedy."""


@dataclass(frozen=True)
class ReadCounts:
    """How many lines below the header were read."""

    rows: int
    quarantined: int

    @property
    def lines(self) -> int:
        """All lines below the header."""
        return self.rows + self.quarantined

    @property
    def bad_share(self) -> float:
        """Quarantined lines as a share of all lines, 0-1."""
        return self.quarantined / max(1, self.lines)


def read_dump(path: Path, contract: type[Contract], rows_to: Path, quarantine_to: Path) -> ReadCounts:
    """Writes the rows of a dump and its unreadable lines to two Parquet files.

    Args:
        path: The `.tsv.gz` file; its header has been checked.
        contract: Contract of the bronze table.
        rows_to: Parquet file for the typed rows, in the dump's order.
        quarantine_to: Parquet file for the unreadable lines: file, line, raw, reason.

    Raises:
        DumpError: The gzip stream is truncated or corrupt; the two files are then worthless.
    """
    try:
        try:
            _write(path, {}, path.name, contract, rows_to, quarantine_to)
        except pl.exceptions.ComputeError as error:
            if "utf" not in str(error).lower():
                raise
            with _escaped(path, quarantine_to.parent) as (copy, bad_lines):
                _write(copy, bad_lines, path.name, contract, rows_to, quarantine_to)
    except (OSError, EOFError, zlib.error) as error:  # the last two come from Python's gzip, in `_escaped`
        raise DumpError(
            f"{path.name}: the gzip stream is damaged: {error}. Nothing was published. Get the dump anew "
            "(re-materialize its landing asset)."
        ) from error
    return ReadCounts(rows=_length(rows_to), quarantined=_length(quarantine_to))


def parse_lines(
    lines: pl.LazyFrame, contract: type[Contract], file: str, bad_lines: dict[int, str] | None = None
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Splits lines into rows and rejects.

    Args:
        lines: Columns `line` (from 1, header included) and `raw`.
        contract: Contract of the bronze table.
        file: The dump's file name, for the rejects.
        bad_lines: Line numbers known to be unreadable → reason.

    Returns:
        Rows with the contract's columns, and rejects with the quarantine contract's.
    """
    names = header(contract)
    columns = contract.columns()
    schema = polars_schema(contract)
    tabs = pl.col("raw").str.count_matches("\t", literal=True)
    fields = (
        lines.filter(pl.col("line") > 1)
        .with_columns(pl.col("raw").fill_null(""))
        .with_columns(
            tabs.alias("tabs"),
            pl.col("raw").str.split_exact("\t", len(names) - 1).struct.rename_fields(_texts(names)).alias("fields"),
        )
        .unnest("fields")
        .with_columns(pl.when(pl.col(text) != NULL).then(pl.col(text)).alias(text) for text in _texts(names))
    )
    parsed = fields.with_columns(_parse(name, column, schema[name]) for name, column in columns.items())
    known = (
        pl.col("line").replace_strict(bad_lines, default=None, return_dtype=pl.String) if bad_lines else pl.lit(None)
    )
    reason = (
        pl.when(known.is_not_null())
        .then(known)
        .when(pl.col("tabs") != len(names) - 1)
        .then(pl.format(f"expected {len(names)} tab-separated fields, found {{}}", pl.col("tabs") + 1))
    )
    for name in names:
        for broken, words in _mistakes(name, columns[name]):
            reason = reason.when(broken).then(pl.format(f"{name}: {{}} {words}", _shown(name)))
    judged = parsed.with_columns(reason.otherwise(None).alias("reason"))
    rows = judged.filter(pl.col("reason").is_null()).select(columns.keys())
    rejects = judged.filter(pl.col("reason").is_not_null()).select(
        pl.col("line").cast(pl.Int64), "raw", "reason", pl.lit(file).alias("file")
    )
    return rows, rejects


def _write(  # noqa: PLR0913, PLR0917 - one input under its own name, the contract, two outputs
    path: Path, bad_lines: dict[int, str], file: str, contract: type[Contract], rows_to: Path, quarantine_to: Path
) -> None:
    lines = pl.scan_lines(path, name="raw", row_index_name="line", row_index_offset=1)
    rows, rejects = parse_lines(lines, contract, file, bad_lines)
    sinks = [rows.sink_parquet(rows_to, compression="zstd", lazy=True), rejects.sink_parquet(quarantine_to, lazy=True)]
    pl.collect_all(sinks, engine="streaming")


def _texts(names: list[str]) -> list[str]:
    return [f"{name} text" for name in names]


def _shown(name: str) -> pl.Expr:
    text = pl.col(f"{name} text").fill_null("null").str.head(60)
    return pl.format("'{}'", text)


def _parse(name: str, column: dy.Column, dtype: pl.DataType) -> pl.Expr:
    metadata = column.metadata or {}
    text = pl.col(f"{metadata.get('of', name)} text")
    if metadata.get("derived") == "unparsed":
        return pl.when(~text.str.contains(JSON_STRINGS)).then(text).alias(name)
    match metadata.get("encoding"):
        case "comma":
            return text.str.split(",").alias(name)
        case "x02":
            return text.str.split("\x02").alias(name)
        case "json":
            return pl.when(text.str.contains(JSON_STRINGS)).then(text).str.json_decode(pl.List(pl.String)).alias(name)
        case _:
            return (text if dtype == pl.String else text.cast(dtype, strict=False)).alias(name)


def _mistakes(name: str, column: dy.Column) -> Iterator[tuple[pl.Expr, str]]:
    text, value = pl.col(f"{name} text"), pl.col(name)
    if column.dtype.is_numeric():
        kind = "an integer" if column.dtype.is_integer() else "a number"
        yield text.is_not_null() & value.is_null(), f"is not {kind}"
    if not column.nullable:
        yield value.is_null(), "is not allowed here"
    if isinstance(column, dy.String) and column.regex:
        yield ~value.str.contains(column.regex), f"does not match {column.regex.replace('{', '{{').replace('}', '}}')}"
    for bound, words in (("min", "is below"), ("max", "is above")):
        limit = getattr(column, bound, None)
        if limit is not None:
            yield (value < limit if bound == "min" else value > limit), f"{words} {limit}"


@contextmanager
def _escaped(path: Path, beside: Path) -> Generator[tuple[Path, dict[int, str]]]:
    """A copy whose lines are all UTF-8, and the numbers of those that were not: slow, for files with such lines."""
    bad: dict[int, str] = {}
    with TemporaryDirectory(dir=beside) as folder:
        copy = Path(folder) / path.name
        with gzip.open(path) as source, gzip.open(copy, "wb", compresslevel=1) as out:
            for number, line in enumerate(source, start=1):
                try:
                    line.decode("utf-8")
                    out.write(line)
                except UnicodeDecodeError as error:
                    bad[number] = f"not UTF-8: {error.reason} at byte {error.start}"
                    out.write(line.decode("utf-8", "backslashreplace").encode("utf-8"))
        yield copy, bad


def _length(path: Path) -> int:
    return pl.scan_parquet(path).select(pl.len()).collect().item()
