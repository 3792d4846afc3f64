"""Writes an export to SQLite.

Rows go from DuckDB to SQLite as Arrow batches through ADBC's driver. The driver makes no Python objects, so it takes a
third of the time of the standard library's `executemany`. A table's indexes are made after its rows have been inserted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from imdb_assets.naming import joined
from imdb_assets.warehouse.duckdb import interruptible
from imdb_assets.warehouse.literals import quoted
from imdb_assets.warehouse.relations import ExportError, Flat, Relation, flat

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

BATCH = 100_000
"""Number of rows that SQLite gets at a time."""
LOOK_STEPS = 1_000_000
"""Steps of SQLite's virtual machine between checks for Ctrl-C."""
STATISTICS_ROWS = 1000
"""Number of rows that SQLite reads from each index to make its planner's statistics. SQLite's documentation advises
this number."""


def write(
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
    path: Path,
    on_progress: Callable[[str, float], None],
) -> None:
    """Writes the relations into a new file; see `export.export`."""
    for relation in relations:
        _insert(connection, relation, path, on_progress)
        _index(relation, path, on_progress)
    with closing(_open(path)) as database:
        database.execute(f"pragma analysis_limit = {STATISTICS_ROWS}")
        database.execute("analyze")


def definition(relation: Relation, columns: Sequence[Flat]) -> str:
    """The `create table` statement. SQLite stores the statement with its comments, so `.schema` shows the comments."""
    lines = [f"create table {quoted(joined(relation.name))} ("]
    lines += [f"  -- {line}" for line in relation.description.splitlines()]
    for number, one in enumerate(columns, start=1):
        null = " not null" if one.name in relation.required else ""
        comma = "," if number < len(columns) or relation.key else ""
        about = " ".join(relation.columns.get(one.name, "").split())
        lines.append(f"  {quoted(one.name)} {one.type}{null}{comma}{' -- ' if about else ''}{about}")
    if relation.key:
        conflict = " on conflict ignore" if relation.may_repeat else ""
        lines.append(f"  primary key ({', '.join(map(quoted, relation.key))}){conflict}")
    return "\n".join([*lines, ")"])


def _insert(
    connection: duckdb.DuckDBPyConnection, relation: Relation, path: Path, on_progress: Callable[[str, float], None]
) -> None:
    import adbc_driver_sqlite.dbapi as adbc
    import pyarrow as pa

    columns = flat(connection, relation.query)
    total = connection.execute(f"select count(*) from ({relation.query})").fetchall()[0][0]  # noqa: S608 - of this package
    values = ", ".join(one.expression for one in columns)
    rows = connection.sql(f"select {values} from ({relation.query})").to_arrow_reader(BATCH)  # noqa: S608 - of this package
    stopped: list[BaseException] = []

    def told() -> Iterator[pa.RecordBatch]:
        done = 0
        try:
            for batch in rows:
                yield batch
                done += batch.num_rows
                on_progress(relation.name, done / max(1, total))
        except BaseException as error:  # kept, because the driver passes on only the error's text
            stopped.append(error)
            raise

    on_progress(relation.name, 0.0)
    with closing(adbc.connect(str(path), autocommit=True)) as database, database.cursor() as cursor:
        cursor.execute("pragma journal_mode = off")  # after a crash, the new file is thrown away
        cursor.execute("pragma synchronous = off")
        cursor.execute(definition(relation, columns))
        try:
            batches = pa.RecordBatchReader.from_batches(rows.schema, told())
            ingest = partial(cursor.adbc_ingest, joined(relation.name), batches, mode="append")
            interruptible(connection, ingest)  # in the main thread, ADBC would delay Ctrl-C until the end
        except adbc.Error as error:
            raise (stopped[0] if stopped else ExportError(f"{relation.name}: {error}")) from error


def _index(relation: Relation, path: Path, on_progress: Callable[[str, float], None]) -> None:
    with closing(_open(path)) as database:
        for index, column in relation.indexes.items():
            on_progress(f"{relation.name}, index of {column}", 0.0)
            database.execute(f"create index {quoted(index)} on {quoted(joined(relation.name))} ({quoted(column)})")
            on_progress(f"{relation.name}, index of {column}", 1.0)


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.set_progress_handler(lambda: 0, LOOK_STEPS)  # each call lets Python handle Ctrl-C
    database.execute("pragma journal_mode = off")
    database.execute("pragma synchronous = off")
    # SQLite's cache stays small. With a larger cache, sorting for an index would exceed the processor's L2 cache and
    # take twice as long.
    return database
