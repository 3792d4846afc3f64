"""Runs SQL over the lake in this process: DuckDB has a view for each published table and each analytical view."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from imdb_assets.lake.close_names import advice
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.past import survey
from imdb_assets.lake.remote import remote_of
from imdb_assets.lake.table import Table
from imdb_assets.naming import asset_name, schema
from imdb_assets.warehouse import views
from imdb_assets.warehouse.exact import distinct, exact
from imdb_assets.warehouse.literals import qualified, quoted, text_literal

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")

BATCH = 10_000
"""Number of rows that are fetched at a time."""
LOOK_SECONDS = 0.1
"""Seconds between checks for Ctrl-C; a query that ends earlier returns at once."""
_SHOW_TABLES = "select schema || '.' || name as name from (show all tables) order by name"
"""Replacement for `show tables`, which would list only the empty schema `main`."""


@dataclass(frozen=True)
class Answer:
    """A query's result."""

    columns: list[str]
    """Column names; repeated names are numbered."""
    rows: Iterator[tuple[Any, ...]]
    """Values as DuckDB's own client returns them, except that values of the types in `exact.WRITTEN` are text."""
    more: int = 0
    """Number of rows that the limit left out."""


class Warehouse:
    """Runs queries that can read the lake's tables and nothing else, and can write nowhere."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, known: Collection[str], damaged: Mapping[str, object]
    ) -> None:
        """Wraps a connection that `over` has restricted to reading the lake."""
        self._connection = connection
        self._known = known
        self._damaged = damaged

    def rows(self, query: str, limit: int | None = None) -> Answer:
        """The query's rows. Ctrl-C ends the query at once, whether DuckDB or Python is working.

        Args:
            query: One SELECT.
            limit: Largest number of rows to return; further rows are only counted.

        Raises:
            duckdb.Error: See `sql`. Some errors of the query are raised only when the rows are read.
        """
        result = self.sql(query)
        columns, casts = distinct(result.columns), [exact(kind) for kind in result.types]
        if any(casts):
            places = [f"#{place}::{kind}" if kind else f"#{place}" for place, kind in enumerate(casts, start=1)]
            result = result.select(*map(duckdb.SQLExpression, places))
        if limit is None:
            rows = self._fetched(result)
            return Answer(columns, chain([*islice(rows, 1)], rows))  # fetching one row raises errors at once
        first = self._interruptible(result.limit(limit + 1).fetchall)
        more = self._interruptible(result.count("*").fetchall)[0][0] - limit if len(first) > limit else 0
        return Answer(columns, iter(first[:limit]), more)

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """The query's result, which is computed when its rows are read.

        DuckDB can restrict paths, but lets queries write wherever they may read, so only SELECT is accepted.

        Raises:
            duckdb.Error: Invalid SQL, a missing or damaged table, or a statement other than SELECT.
        """
        kinds = [statement.type.name for statement in duckdb.extract_statements(query)]
        if kinds != ["SELECT"]:
            raise duckdb.PermissionException(
                "one SELECT (or WITH, FROM, DESCRIBE, SUMMARIZE) is allowed, not "
                f"{', '.join(kinds) or 'an empty query'}; tables change only when their assets are materialized, and "
                "`imdb export imdb.duckdb` makes a copy that you may change"
            )
        try:
            return self._connection.sql(_SHOW_TABLES if re.fullmatch(r"(?i)\s*show\s+tables\W*", query) else query)
        except duckdb.CatalogException as error:
            raise duckdb.CatalogException(self._missing(query, str(error)) or str(error)) from error

    def write_parquet(self, query: str, path: Path, limit: int | None = None) -> None:
        """Writes the query's rows with Arrow's types. Ctrl-C ends the query.

        Raises:
            duckdb.Error: See `sql`.
        """
        import pyarrow.parquet as pq

        result = self.sql(query)
        # Arrow has no unsigned 128-bit integers, so these integers are written as text.
        casts = ["::varchar" if kind.id == "uhugeint" else "" for kind in result.types]
        named = zip(casts, distinct(result.columns), strict=True)
        result = result.project(", ".join(f"#{n}{cast} as {quoted(one)}" for n, (cast, one) in enumerate(named, 1)))
        reader = (result if limit is None else result.limit(limit)).to_arrow_reader(BATCH)
        with pq.ParquetWriter(path, reader.schema, compression="zstd") as file:
            while batch := self._interruptible(lambda: next(reader, None)):
                file.write_batch(batch)

    def names(self) -> list[str]:
        """Names of tables, views and columns, for completing what a user types."""
        described = self._connection.execute("select distinct column_name from duckdb_columns() where not internal")
        return [*self._known, *(name for (name,) in described.fetchall())]

    def close(self) -> None:
        """Closes the connection and frees its memory."""
        self._connection.close()

    def _missing(self, query: str, error: str) -> str:
        """The message about unreadable tables in a query; empty if there are none."""
        try:
            read = self._connection.get_table_names(query, qualified=True)
        except duckdb.Error:
            read = set(re.findall(r'Table with name "?(.+?)"? does not exist', error))
        known = {name.casefold() for name in self._known}
        return "\n".join(self._reason(name) for name in sorted(read) if name.casefold() not in known)

    def _reason(self, name: str) -> str:
        from imdb_assets.contracts.registry import CONTRACTS

        needs = views.tables(views.every()[name].text) if name in views.every() else [name]
        damaged = [one for one in dict.fromkeys([name, *needs]) if one in self._damaged]
        if damaged:
            reasons = " ".join(str(self._damaged[one]) for one in damaged)
            return reasons if name in damaged else f"{name} cannot be read. {reasons}"
        missing = [one for one in needs if one in CONTRACTS and one not in self._known]
        if missing:
            assets = ",".join(map(asset_name, missing))
            what = "" if missing == [name] else f"needs {' and '.join(missing)}, "
            return f"{name}: {what}not made yet; run `make materialize ASSETS={assets}`"
        return f"{name}: no such table or view; {advice(name, self._known)}"

    def _fetched(self, result: duckdb.DuckDBPyRelation) -> Iterator[tuple[Any, ...]]:
        rows = iter(result.iter_rows(BATCH))
        while batch := self._interruptible(lambda: list(islice(rows, BATCH))):
            yield from batch

    def _interruptible(self, work: Callable[[], T]) -> T:
        return interruptible(self._connection, work)


def interruptible(
    connection: duckdb.DuckDBPyConnection, work: Callable[[], T], look: Callable[[], object] | None = None
) -> T:
    """Runs the work in another thread, which the calling thread can interrupt, because DuckDB does not handle signals.

    The calling thread wakes regularly, because a signal to one of DuckDB's threads does not wake the calling thread.

    Args:
        connection: The connection that the work uses.
        work: Runs one or several queries.
        look: Called each time the calling thread wakes, for example to show progress.
    """
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        try:
            while not done.done():
                wait([done], timeout=LOOK_SECONDS)
                if look:
                    look()
            return done.result()
        except KeyboardInterrupt:
            while not done.done():  # interrupts repeatedly, because an interrupt between two steps of a query is lost
                connection.interrupt()
                wait([done], timeout=LOOK_SECONDS)
            raise


def connect(lake: Lake, at: datetime | None = None) -> Warehouse:
    """Creates an in-memory database whose views read the lake's current snapshots.

    Args:
        lake: The lake.
        at: A past moment. If `at` is given, the views read the snapshots that were current at the moment `at`, and the
            catalog `now` has today's snapshots, such as `now.silver.movies`.
    """
    tables, problems = lake.survey()
    if at is None:
        return over(tables, lake.folder, damaged=problems)
    then, missing = survey(lake, at)
    return over(then, lake.folder, damaged=missing, now=tables)


def over(  # noqa: PLR0913 - what a database is made of
    tables: Collection[Table],
    root: Path | None,
    frames: Mapping[str, pl.DataFrame] | None = None,
    damaged: Mapping[str, object] | None = None,
    now: Collection[Table] = (),
    *,
    where: Mapping[str, str] | None = None,
) -> Warehouse:
    """Creates an in-memory database with the given tables, and with the views that need only these tables.

    Args:
        tables: The readable tables, each at its snapshot.
        root: Folder of the tables' files, the only folder that queries can read; None if no local files are read.
        frames: Maps the names of additional small tables to their rows.
        damaged: Maps each table that exists but cannot be read to its error message.
        now: The tables at their current snapshots; given only if `tables` has past snapshots.
        where: Maps a table to a condition in SQL. Queries and views see only rows that meet their table's condition.
    """
    connection = duckdb.connect()
    known, unreadable = fill(connection, tables, frames, damaged, where)
    if now:
        connection.execute("attach ':memory:' as now; use now")
        known |= {f"now.{name}" for name in fill(connection, now)[0]}
        connection.execute("use memory")
    if root:
        connection.execute(f"set allowed_directories = [{text_literal(f'{root}/')}]")
    connection.execute("set enable_progress_bar = false")  # the bar would be mixed into the rows, even in a file
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return Warehouse(connection, known, unreadable)


def fill(
    connection: duckdb.DuckDBPyConnection,
    tables: Collection[Table],
    frames: Mapping[str, pl.DataFrame] | None = None,
    damaged: Mapping[str, object] | None = None,
    where: Mapping[str, str] | None = None,
) -> tuple[set[str], dict[str, object]]:
    """Creates the views in a connection's current database; the connection can still read and write everything.

    Args:
        connection: The connection.
        tables: See `over`.
        frames: See `over`.
        damaged: See `over`.
        where: See `over`.

    Returns:
        The names that can be queried, and the error message of each table or view that cannot be read.
    """
    connection.execute("set TimeZone = 'UTC'")  # otherwise, the day of a time would depend on the machine's time zone
    for name, frame in (frames or {}).items():
        connection.register("frame", frame.to_arrow())
        _create(connection, name, "select * from frame", kind="table")
        connection.unregister("frame")
    unreadable = dict(damaged or {})
    for table in tables:
        try:
            condition = (where or {}).get(table.name, "true")
            _create(connection, table.name, f"select * from {_source(connection, table)} where {condition}")  # noqa: S608 - paths are quoted
        except (duckdb.IOException, duckdb.InvalidInputException):  # the table's files are lost or truncated
            unreadable[table.name] = (
                f"Files of {table.name} are lost or damaged. `imdb doctor` names the files; roll back to an intact "
                f"snapshot (`imdb history {table.name}`), or materialize the table."
            )
        except LakeError as error:
            unreadable[table.name] = str(error)
    known = {table.name for table in tables} - {*unreadable}
    for name, view in views.every().items():
        if known.issuperset(views.tables(view.text)):
            try:
                _create(connection, name, view.text)
                known.add(name)
            except duckdb.BinderException as error:  # a table is older than the view and lacks a column
                assets = ",".join(map(asset_name, views.tables(view.text)))
                unreadable[name] = (
                    f"{name} needs newer tables: {str(error).splitlines()[0]}. "
                    f"Make the tables again: imdb materialize {assets}"
                )
    return known, unreadable


def _source(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """The source of a view: the table's files or, on S3, a lazy frame that fetches only the columns and rows needed.

    DuckDB's own S3 reader is an extension, which DuckDB would download on first use.
    """
    if remote_of(table.files[0]) is None:
        files = ", ".join(text_literal(file) for file in table.sound_files())
        return f"read_parquet([{files}], hive_partitioning = false)"
    name = f"{table.name} {table.snapshot_id}"
    connection.register(name, table.scan())
    return quoted(name)


def _create(connection: duckdb.DuckDBPyConnection, name: str, query: str, kind: str = "view") -> None:
    connection.execute(f"create schema if not exists {quoted(schema(name))}")
    connection.execute(f"create {kind} {qualified(name)} as {query}")
