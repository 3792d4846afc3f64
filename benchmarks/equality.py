"""Whether all engines wrote the same rows, in whatever order and files: one program reads what each of them wrote.

Tables without a key (bronze: dumps repeat rows) are compared by the number of rows and the sum of a hash of each whole
row: equal multisets of rows have equal sums, and a chance of one in 2⁶⁴ stands against others. Tables with a key are
joined on it and compared value by value, floats to a relative 1e-9. For an engine without null lists, empty ones count
as such.
"""

from pathlib import Path

import duckdb

from benchmarks.jobs import INGEST_ONLY, BenchError
from imdb_assets.contracts.base import Contract, polars_schema

TOLERANCE = 1e-9
"""Relative, of floats: logarithms and roots may differ in their last bit between C libraries."""

_TYPES = {"String": "VARCHAR", "Int32": "INTEGER", "Int64": "BIGINT", "Float64": "DOUBLE", "List(String)": "VARCHAR[]"}


def require_equal(contract: type[Contract], files: dict[str, list[Path]]) -> int:
    """Checks a table that several engines wrote.

    Args:
        contract: The table's contract: its columns in its types are what is compared.
        files: Engine → the Parquet files it wrote; the first engine is what the others are compared with.

    Returns:
        The number of rows.

    Raises:
        BenchError: Names the table, the engines and the columns that differ.
    """
    engines = list(files)
    with duckdb.connect() as connection:
        for engine, found in files.items():
            connection.read_parquet([str(file) for file in found], hive_partitioning=False).create_view(engine)
            _require_types(connection, contract, engine)
        differences = _by_key if contract.primary_key() else _by_hash
        for other in engines[1:]:
            columns = differences(connection, contract, engines[0], other)
            if columns:
                raise BenchError(f"{contract.table}: {engines[0]} and {other} differ in {', '.join(columns)}.")
        return _value(connection, f"SELECT count(*) FROM {engines[0]}")  # noqa: S608 - a name of ours


def _require_types(connection: duckdb.DuckDBPyConnection, contract: type[Contract], engine: str) -> None:
    found = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE {engine}").fetchall()}
    wanted = {name: _TYPES[str(dtype)] for name, dtype in polars_schema(contract).items()}
    if found != wanted:
        wrong = [f"{name} {found.get(name)}" for name in wanted | found if found.get(name) != wanted.get(name)]
        raise BenchError(f"{contract.table} by {engine}: other columns or types than its contract: {', '.join(wrong)}.")


def _by_hash(connection: duckdb.DuckDBPyConnection, contract: type[Contract], one: str, other: str) -> list[str]:
    """What differs: nothing, `rows`, or the columns; all of them if only their combination does."""
    columns = contract.column_names()
    # DuckDB 2.0 gives an empty list, a null one and a null in a list the same hash.
    values = {
        name: f"{name}, len({name})" if dtype.is_nested() and other not in INGEST_ONLY else name
        for name, dtype in polars_schema(contract).items()
    }
    whole = f"hash({', '.join(values.values())})"
    if _sums(connection, one, [whole]) == _sums(connection, other, [whole]):
        return []
    each = [f"hash({values[column]})" for column in columns]
    count, *sums = _sums(connection, one, each)
    other_count, *other_sums = _sums(connection, other, each)
    if count != other_count:
        return [f"rows ({count:,} and {other_count:,})"]
    return [name for name, a, b in zip(columns, sums, other_sums, strict=True) if a != b] or columns


def _sums(connection: duckdb.DuckDBPyConnection, view: str, hashes: list[str]) -> list[int]:
    """Rows of a view and the sum of each hash over them."""
    sums = ", ".join(f"sum(CAST({text} AS HUGEINT))" for text in hashes)
    row = connection.execute(f"SELECT count(*), {sums} FROM {view}").fetchone()  # noqa: S608 - names of ours
    assert row is not None
    return list(row)


def _by_key(connection: duckdb.DuckDBPyConnection, contract: type[Contract], one: str, other: str) -> list[str]:
    """What differs: nothing, or columns with the number of rows in which they do."""
    key = contract.primary_key()
    conditions = {"rows": f"{one}.{key[0]} IS NULL OR {other}.{key[0]} IS NULL"}
    for name, dtype in polars_schema(contract).items():
        a, b = f"{one}.{name}", f"{other}.{name}"
        differ = f"{a} IS DISTINCT FROM {b}"
        if dtype.is_float():
            near = f"abs({a} - {b}) <= {TOLERANCE} * greatest(abs({a}), abs({b}))"
            differ = f"({a} IS NULL) <> ({b} IS NULL) OR NOT coalesce({near}, true)"
        conditions[name] = differ
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions.values())
    joined = f"{one} FULL JOIN {other} USING ({', '.join(key)})"
    row = connection.execute(f"SELECT {counts} FROM {joined}").fetchone()  # noqa: S608 - names of ours
    assert row is not None
    sizes = [_value(connection, f"SELECT count(*) FROM {view}") for view in (one, other)]  # noqa: S608 - same
    if sizes[0] != sizes[1]:
        return [f"rows ({sizes[0]:,} and {sizes[1]:,})"]
    return [f"{name} ({count:,} rows)" for name, count in zip(conditions, row, strict=True) if count]


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
