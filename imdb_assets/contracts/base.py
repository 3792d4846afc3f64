"""What all table contracts have in common.

A contract is one class: columns, types, nullability, keys, bounds and descriptions of one Iceberg table. The audit,
the Iceberg schema, the column schema and lineage in Dagster, and the data dictionary are all read from that class;
nothing else in the project states a column's type. The tables' contracts are in the sibling modules.

A column's metadata `source` lists the upstream columns whose *values* can change the column's value in the row of a
given key: the columns it is computed from, and those that join, filter or group the rows it is computed from. Two
dependencies concern every column: what decides which rows there are, and the id that joins a row to its input. They are
listed with the key columns only. `unit/test_lineage.py` checks silver and gold against this rule.
"""

import inspect
import re
from collections.abc import Mapping
from typing import ClassVar

import dataframely as dy
import narwhals as nw
import polars as pl

TCONST = r"^tt[0-9]{7,8}$"
NCONST = r"^nm[0-9]{7,8}$"


def one_of(*values: str) -> str:
    """A regular expression that matches exactly one of these values."""
    return f"^({'|'.join(re.escape(value) for value in values)})$"


class Contract(dy.Schema):
    """One table of the lake.

    Subclasses set `table` (`schema.name`, also the asset key) and may set

    - `partition_by`: the column whose values become directories; each staged file then holds exactly one value of it;
    - `incremental`: a publish replaces only the partitions that it stages, and keeps all others. Such a table cannot be
      made again from today's dumps, so its columns do not change in place;
    - `checked_where`, of a view that is too long to be read whole: a condition on the rows that its asset computes and
      checks;
    - `identity`: columns that together should identify a row, although the source does not promise it. Unlike a primary
      key, which the audit enforces, repetitions are only counted and shown;
    - `independent_by`: a column that divides the table into independent parts: to make the rows with one value, an
    engine needs only the rows with that value from inputs that have the column, and all rows of the other inputs. An
    engine that works in memory may then make the table part by part;
    - `rules`: conditions on each row in addition to its columns' types and bounds, by the names that a failed audit
    shows.
    """

    table: ClassVar[str] = ""
    partition_by: ClassVar[str | None] = None
    incremental: ClassVar[bool] = False
    checked_where: ClassVar[str | None] = None
    identity: ClassVar[tuple[str, ...]] = ()
    independent_by: ClassVar[str | None] = None
    rules: ClassVar[Mapping[str, nw.Expr]] = {}


def description(contract: type[Contract]) -> str:
    """The table's description: the class docstring."""
    return inspect.cleandoc(contract.__doc__ or "")


def schema_name(contract: type[Contract]) -> str:
    """`silver` for `silver.movies`."""
    return contract.table.partition(".")[0]


def polars_schema(contract: type[Contract]) -> pl.Schema:
    """Exact column types, in order; every engine casts to them before it stages."""
    return pl.Schema({name: column.dtype for name, column in contract.columns().items()})


def column_types(contract: type[Contract]) -> nw.Schema:
    """The same types as Narwhals names them, for frames of any engine."""
    return nw.Schema.from_polars(polars_schema(contract))


def lineage(contract: type[Contract]) -> dict[str, list[tuple[str, str]]]:
    """Maps each column to the `(table, column)` pairs it is computed from, as its contract declares them."""
    return {
        name: [_split_source(source) for source in (column.metadata or {}).get("source", [])]
        for name, column in contract.columns().items()
    }


def source(*columns: str) -> dict[str, list[str]]:
    """Metadata of a column that is computed from these columns, each named `schema.table.column`."""
    return {"source": list(columns)}


def references(contract: type[Contract]) -> dict[str, tuple[str, str]]:
    """Maps each column of ids, or lists of ids, to the `(table, column)` where its ids should be found."""
    return {
        name: _split_source(column.metadata["references"])
        for name, column in contract.columns().items()
        if column.metadata and "references" in column.metadata
    }


def constraints(column: dy.Column) -> list[str]:
    """A column's bounds in words, for the UI and the data dictionary."""
    words: list[str] = []
    for attribute, word in (("min", "≥"), ("max", "≤"), ("regex", "matches")):
        value = getattr(column, attribute, None)
        if value is not None:
            words.append(f"{word} {value}")
    return words


def _split_source(source: str) -> tuple[str, str]:
    table, _, column = source.rpartition(".")
    return table, column
