"""What an export contains: tables and views of the lake, or the six tables of imdb-sqlite."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dataframely as dy

from imdb_assets.contracts.base import NCONST, TCONST, Contract, description
from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.lake.close_names import advice
from imdb_assets.naming import joined, schema
from imdb_assets.warehouse.literals import qualified, quoted

if TYPE_CHECKING:
    import duckdb

_LOOKED_UP = re.compile(r"(title|name)$", re.IGNORECASE)
"""Matches the names of text columns in which people look up a film or a person."""
_INTEGERS = {"tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint", "hugeint"}
_NESTED = {"list", "array", "struct", "map"}


class ExportError(Exception):
    """Something cannot be exported; the message says what, why, and what to do."""


@dataclass(frozen=True)
class Relation:
    """A table of an export."""

    name: str
    """`schema.table`, or a name without a schema."""
    query: str
    """The query for the table's rows, in DuckDB's SQL."""
    description: str
    columns: Mapping[str, str]
    """Maps each column to its description."""
    required: tuple[str, ...] = ()
    """Columns without nulls."""
    key: tuple[str, ...] = ()
    """Columns of the primary key."""
    may_repeat: bool = False
    """Whether several rows can have the same key; SQLite keeps only the first row of each key."""
    indexes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Maps each index's name to its column. Only SQLite gets indexes, because DuckDB scans a column just as fast."""


@dataclass(frozen=True)
class Flat:
    """How a column is exported to a format that has only numbers and texts."""

    name: str
    type: str
    """INTEGER, REAL, BOOLEAN or TEXT."""
    expression: str
    """SQL expression for the column's value: lists and records become JSON, times become ISO 8601."""
    nested: bool


def flat(connection: duckdb.DuckDBPyConnection, query: str) -> list[Flat]:
    """The columns of a query, for a format that has only numbers and texts."""
    result = connection.sql(query)
    columns: list[Flat] = []
    for name, kind in zip(result.columns, result.types, strict=True):
        column, kind_name = quoted(name), kind.id
        nested = kind_name in _NESTED
        if kind_name in _INTEGERS:
            columns.append(Flat(name, "INTEGER", column, nested))
        elif kind_name in {"float", "double", "decimal"}:
            columns.append(Flat(name, "REAL", column, nested))
        elif kind_name == "boolean":
            columns.append(Flat(name, "BOOLEAN", column, nested))
        else:
            text = f"to_json({column})" if nested else column
            columns.append(Flat(name, "TEXT", f"cast({text} as varchar) as {column}", nested))
    return columns


def chosen(wanted: Collection[str], known: Collection[str], unreadable: Mapping[str, object]) -> list[str]:
    """The tables and views to export, sorted.

    Args:
        wanted: Names of tables, views or schemas. A schema stands for all its tables, and an empty list stands for all
            tables of the lake.
        known: Tables and views that can be queried.
        unreadable: Maps each table that cannot be read to its error message.

    Raises:
        ExportError: A name is unknown, or a table cannot be read.
    """
    tables = [name for name in [*known, *unreadable] if name not in VIEWS]
    found: set[str] = set() if wanted else {*tables}
    for name in wanted:
        of_schema = {table for table in tables if schema(table) == name}
        if not of_schema and name not in {*known, *unreadable}:
            raise ExportError(
                f"{name}: no such table or view; {advice(name, sorted(known))} See `imdb tables`, `imdb views`."
            )
        found |= of_schema or {name}
    if problems := [str(unreadable[name]) for name in sorted(found & unreadable.keys())]:
        raise ExportError("\n".join([*problems, "Nothing was exported; to export the readable tables, name them."]))
    if not found:
        raise ExportError("The lake has no tables yet. Run `make demo` first.")
    return sorted(found)


def of_lake(name: str, snapshot: int | None) -> Relation:
    """A table or view of the lake, under its own name; the description names a table's snapshot (None for a view)."""
    contract = CONTRACTS.get(name) or VIEWS.get(name)
    query = f"select * from {qualified(name)}"  # noqa: S608 - a known name
    origin = f"Snapshot {snapshot} of {name}." if snapshot else f"Rows of the view {name}."
    if contract is None:
        return Relation(name, query, origin, {})
    key, columns = contract.primary_key(), contract.columns()
    return Relation(
        name=name,
        query=query,
        description=f"{description(contract)}\n\n{origin}",
        columns={column: facts.description or "" for column, facts in columns.items()},
        required=tuple(column for column, facts in columns.items() if not facts.nullable),
        key=tuple(key),
        indexes={f"ix_{joined(name)}_{column}": column for column in _indexed(contract) if column not in key[:1]},
    )


def _indexed(contract: type[Contract]) -> list[str]:
    """Columns that people use to look up rows: ids, titles and names."""
    texts = {name: column for name, column in contract.columns().items() if isinstance(column, dy.String)}
    return [name for name, one in texts.items() if one.regex in {TCONST, NCONST} or _LOOKED_UP.search(name)]
