"""The base class of all table contracts.

A contract is a class that declares the columns, types, nullability, keys, bounds and descriptions of one Iceberg table.
The audit, the Iceberg schema, the column schema and lineage in Dagster, and the data dictionary are all derived from
the contract. Only the contract states a column's type. The other modules of this package hold the contracts.

The entry `source` in a column's metadata lists the upstream columns whose *values* can change the column's value in a
given row. The value is computed from some of the upstream columns; the other upstream columns join, filter or group the
rows that the value is computed from. For key columns, `source` also lists the upstream columns that decide which rows
the table has, and the upstream ids that join the rows to their inputs. The test `unit/test_lineage.py` checks the
entries `source` of the tables in silver and gold.
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
    """A regular expression that matches the given values and nothing else."""
    return f"^({'|'.join(re.escape(value) for value in values)})$"


class Contract(dy.Schema):
    """One table of the lake. Subclasses set `table`, and may set the other attributes."""

    table: ClassVar[str] = ""
    """The name `schema.name`, which is also the asset key."""
    partition_by: ClassVar[str | None] = None
    """Column whose values become names of directories; each staged file holds rows with one value of this column."""
    incremental: ClassVar[bool] = False
    """Whether publishing replaces only the staged partitions, and keeps all others. An incremental table cannot be
    rebuilt from today's dumps, so its columns cannot be changed in place."""
    checked_where: ClassVar[str | None] = None
    """Condition that selects the rows to check, for a view that is too long to be read in full."""
    identity: ClassVar[tuple[str, ...]] = ()
    """Columns that together should identify a row, although the source does not promise that they do. Rows
    with a repeated `identity` are only counted and shown, whereas rows with a repeated primary key fail the audit."""
    independent_by: ClassVar[str | None] = None
    """Column that divides the table into independent parts: one part for each value. An engine that works in memory may
    make the table part by part. For one part, an engine reads only the part's rows of an input that has the column, but
    all rows of an input that lacks the column."""
    rules: ClassVar[Mapping[str, nw.Expr]] = {}
    """Further conditions on each row, besides its columns' types and bounds. An audit that fails shows the names of the
    broken rules."""


def description(contract: type[Contract]) -> str:
    """The table's description: the class docstring."""
    return inspect.cleandoc(contract.__doc__ or "")


def polars_schema(contract: type[Contract]) -> pl.Schema:
    """Exact column types, in order; every engine casts its result to these types before staging the result."""
    return pl.Schema({name: column.dtype for name, column in contract.columns().items()})


def column_types(contract: type[Contract]) -> nw.Schema:
    """A contract's column types as Narwhals types, for frames of any engine."""
    return nw.Schema.from_polars(polars_schema(contract))


def lineage(contract: type[Contract]) -> dict[str, list[tuple[str, str]]]:
    """Maps each column to the `(table, column)` pairs that the contract declares as the column's sources."""
    return {
        name: [_split_source(source) for source in (column.metadata or {}).get("source", [])]
        for name, column in contract.columns().items()
    }


def source(*columns: str) -> dict[str, list[str]]:
    """Metadata of a column that is computed from the given columns, each named `schema.table.column`."""
    return {"source": list(columns)}


def references(contract: type[Contract]) -> dict[str, tuple[str, str]]:
    """Maps each column of ids, or of lists of ids, to the `(table, column)` in which the ids should exist."""
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
