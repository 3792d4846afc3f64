"""The careful reader: expressions that read the fields of a line, and expressions that say why a line cannot be read.

IMDb's files have no quoting: a line is split at its tabs and nowhere else. The careful reader gets only the lines
that `fast.py` has not read. `parse` reads the fields of a line, and `explain` says in words why a line cannot be read.
"""

from collections.abc import Iterator, Mapping

import dataframely as dy
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.bronze import header, quarantine_contract

NULL = r"\N"
# Names of columns that are added to the columns of a dump. These names contain blanks; names of a dump's columns do
# not.
LINE, RAW, READABLE, DROPPED = "line number", "raw line", "is readable", "dropped empty list elements"
_COUNT_RIGHT, _SURPLUS = "has the right number of fields", "surplus field"

_PAIR = r"[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = rf'\\["\\/bfnrt]|\\u(?:[0-9a-ce-fA-CE-F][0-9a-fA-F]{{3}}|[dD][0-7][0-9a-fA-F]{{2}}|{_PAIR})'
_STRING = rf'[ \r]*"(?:[^"\\\x00-\x1f]|{_ESCAPE})*"[ \r]*'
JSON_STRINGS = rf"^[ \r]*\[(?:{_STRING}(?:,{_STRING})*|[ \r]*)\][ \r]*$"
"""Pattern of a JSON array of strings (RFC 8259). An unpaired surrogate is not a character, so a string with an unpaired
surrogate does not match."""

SEPARATORS = {"comma": ",", "x02": "\x02"}
"""Maps the encoding of a list column to the separator between elements."""


def parse(lines: pl.LazyFrame, contract: type[Contract], not_utf8: Mapping[int, str]) -> pl.LazyFrame:
    """Splits lines into typed fields.

    Args:
        lines: Columns `LINE` (the line's number; the header is line 1) and `RAW` (the line's text).
        contract: Contract of the bronze table.
        not_utf8: Maps the number of each line that is not UTF-8 to the line's error. In `lines`, all bytes that are not
            UTF-8 have been escaped.

    Returns:
        Columns `LINE` and `RAW`, the contract's columns, `READABLE` (whether the fields may be used), and `DROPPED`
        (the number of empty list elements that were dropped).
    """
    wrong = [broken.fill_null(value=False) for broken, _ in _mistakes(contract, not_utf8)]
    filled = {name: pl.col(name).list.filter(pl.element() != "") for name in _lists(contract)}
    dropped = [pl.col(name).list.len() - list_.list.len() for name, list_ in filled.items()]
    values = {name: pl.when(list_.list.len() > 0).then(list_).alias(name) for name, list_ in filled.items()}
    return _typed(_split(lines, contract), contract).select(
        LINE,
        RAW,
        *(values.get(name, pl.col(name)) for name in contract.column_names()),
        pl.any_horizontal(wrong).not_().alias(READABLE),
        pl.sum_horizontal(pl.lit(0, pl.UInt32), *dropped).alias(DROPPED),
    )


def explain(lines: pl.DataFrame, contract: type[Contract], file: str, not_utf8: Mapping[int, str]) -> pl.DataFrame:
    """Rows of the quarantine table for lines that `parse` found unreadable.

    Args:
        lines: Columns `LINE` and `RAW` of the unreadable lines.
        contract: Contract of the bronze table.
        file: The dump's file name.
        not_utf8: Maps the number of each line that is not UTF-8 to the line's error.
    """
    # A line may have several mistakes; `coalesce` takes the first.
    reason = pl.coalesce(pl.when(broken).then(words) for broken, words in _mistakes(contract, not_utf8))
    return (
        _typed(_split(lines.lazy(), contract), contract)
        .select(pl.col(LINE).cast(pl.Int64).alias("line"), pl.col(RAW).alias("raw"), reason.alias("reason"))
        .with_columns(file=pl.lit(file))
        .select(polars_schema(quarantine_contract(contract)).names())
        .collect()
    )


def _split(lines: pl.LazyFrame, contract: type[Contract]) -> pl.LazyFrame:
    r"""Adds a text column per field (null for `\N`), and a column that says if the number of fields is right."""
    names = header(contract)
    texts = [_text(name) for name in names]
    # If the dump has n columns, `split_exact` makes n + 1 fields from every line, and fills up with nulls. In a dump
    # with n columns, a line has the right number of fields if field n has a value and field n + 1 is null.
    fields = pl.col(RAW).str.split_exact("\t", len(names)).struct.rename_fields([*texts, _SURPLUS])
    count_right = pl.col(texts[-1]).is_not_null() & pl.col(_SURPLUS).is_null()
    return (
        lines.with_columns(fields.alias("fields"))
        .unnest("fields")
        .with_columns(
            count_right.alias(_COUNT_RIGHT),
            *(pl.when(pl.col(text) != NULL).then(pl.col(text)).alias(text) for text in texts),
        )
    )


def _typed(fields: pl.LazyFrame, contract: type[Contract]) -> pl.LazyFrame:
    schema = polars_schema(contract)
    return fields.with_columns(_value(name, column, schema[name]) for name, column in contract.columns().items())


def _text(name: str) -> str:
    return f"{name} text"


def _value(name: str, column: dy.Column, dtype: pl.DataType) -> pl.Expr:
    metadata = column.metadata or {}
    text = pl.col(_text(metadata.get("of", name)))
    if metadata.get("derived") == "unparsed":
        return pl.when(~text.str.contains(JSON_STRINGS)).then(text).alias(name)
    encoding = metadata.get("encoding")
    if encoding in SEPARATORS:
        return text.str.split(SEPARATORS[encoding]).alias(name)
    if encoding == "json":
        return pl.when(text.str.contains(JSON_STRINGS)).then(text).str.json_decode(pl.List(pl.String)).alias(name)
    return (text if dtype == pl.String else text.cast(dtype, strict=False)).alias(name)


def _lists(contract: type[Contract]) -> dict[str, str]:
    """Maps each list column to the separator of its elements in the dump."""
    encodings = {name: (column.metadata or {}).get("encoding") for name, column in contract.columns().items()}
    return {name: SEPARATORS[encoding] for name, encoding in encodings.items() if encoding in SEPARATORS}


def _mistakes(contract: type[Contract], not_utf8: Mapping[int, str]) -> Iterator[tuple[pl.Expr, pl.Expr]]:
    """Yields a condition and a description for each possible mistake in a line, the most important mistake first."""
    names = header(contract)
    if not_utf8:
        yield pl.col(LINE).is_in(list(not_utf8)), pl.col(LINE).replace_strict(not_utf8, default=None)
    found = pl.col(RAW).str.count_matches("\t", literal=True) + 1
    yield ~pl.col(_COUNT_RIGHT), pl.format(f"expected {len(names)} tab-separated fields, found {{}}", found)
    yield from _broken_fields(contract)


def _broken_fields(contract: type[Contract]) -> Iterator[tuple[pl.Expr, pl.Expr]]:
    """Yields conditions and descriptions of mistakes in single fields, for a line with the right number of fields."""
    columns = contract.columns()
    for name in header(contract):
        shown = pl.format("'{}'", pl.col(_text(name)).fill_null("null").str.head(60))
        for broken, words in _broken_rules(name, columns[name]):
            yield broken, pl.format(f"{name}: {{}} {words}", shown)


def _broken_rules(name: str, column: dy.Column) -> Iterator[tuple[pl.Expr, str]]:
    text, value = pl.col(_text(name)), pl.col(name)
    if column.dtype.is_numeric():
        kind = "an integer" if column.dtype.is_integer() else "a number"
        read = value.is_not_nan().fill_null(value=False) if column.dtype.is_float() else value.is_not_null()
        yield text.is_not_null() & ~read, f"is not {kind}"
    if not column.nullable:
        yield value.is_null(), "is not allowed in this column"
    if isinstance(column, dy.String) and column.regex:
        yield ~value.str.contains(column.regex), f"does not match {column.regex.replace('{', '{{').replace('}', '}}')}"
    for bound, words in (("min", "is below"), ("max", "is above")):
        limit = getattr(column, bound, None)
        if limit is not None:
            yield (value < limit if bound == "min" else value > limit), f"{words} {limit}"
