"""SQL over the lake in this process: every published table as a DuckDB view, and over them those of `views`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
from duckdb.sqltypes import DuckDBPyType

from imdb_assets.lake.close_names import advice
from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.stored import REMOTE
from imdb_assets.lake.table import Table
from imdb_assets.warehouse import views

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")

BATCH = 10_000
"""Rows that are fetched at a time."""
LOOK_SECONDS = 0.1
"""Between two looks for Ctrl-C; a query that ends earlier is not waited for."""
_WRITTEN = {"blob", "geometry", "interval", "time_ns", "timestamp_ns", "timestamptz_ns", "type"}
"""Types that come as DuckDB writes them: Python's values would be bytes, or lose months or nanoseconds."""
_SHOW_TABLES = "select schema || '.' || name as name from (show all tables) order by name"
"""What `show tables` means here: by itself it lists those of the schema `main`, which has none."""


@dataclass(frozen=True)
class Answer:
    """What a query gave."""

    columns: list[str]
    """Names; of several that are equal, the later ones are numbered."""
    rows: Iterator[tuple[Any, ...]]
    """The values that DuckDB's own client gives, but for `_WRITTEN`."""
    more: int = 0
    """Rows behind those, which a limit left out."""


class Warehouse:
    """Queries that can read the lake's tables, nothing else, and write nowhere."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        known: Collection[str] = (),
        damaged: Mapping[str, object] | None = None,
    ) -> None:
        """Of a connection that `connect` has fenced in.

        Args:
            connection: Whose views can be asked.
            known: Tables and views that can be asked.
            damaged: Tables that have none, since files of theirs are lost or damaged, and what to say of each.
        """
        self._connection = connection
        self._known = known
        self._damaged = damaged or {}

    def rows(self, query: str, limit: int | None = None) -> Answer:
        """The query's rows. Ctrl-C ends it at once, whether DuckDB or Python is at work.

        Args:
            query: One SELECT.
            limit: Give at most so many rows; the others are only counted.

        Raises:
            duckdb.Error: As `sql`; the rows raise it too.
        """
        result = self.sql(query)
        columns, exact = _distinct(result.columns), [_exact(kind) for kind in result.types]
        if any(exact):
            places = [f"#{place}::{kind}" if kind else f"#{place}" for place, kind in enumerate(exact, start=1)]
            result = result.select(*map(duckdb.SQLExpression, places))
        if limit is None:
            rows = self._fetched(result)
            return Answer(columns, chain([*islice(rows, 1)], rows))  # what cannot be computed fails here
        first = self._interruptible(result.limit(limit + 1).fetchall)
        more = self._interruptible(result.count("*").fetchall)[0][0] - limit if len(first) > limit else 0
        return Answer(columns, iter(first[:limit]), more)

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """The query's result, lazily.

        The fence around files lets queries write where they may read, so anything but SELECT stays outside.

        Raises:
            duckdb.Error: Wrong SQL, a table that is not there or damaged, or a statement that is no SELECT.
        """
        kinds = [statement.type.name for statement in duckdb.extract_statements(query)]
        if kinds != ["SELECT"]:
            raise duckdb.PermissionException(
                "one SELECT (or WITH, FROM, DESCRIBE, SUMMARIZE) is allowed, "
                f"not {', '.join(kinds) or 'an empty query'}; tables change only when their assets are materialized"
            )
        try:
            return self._connection.sql(_SHOW_TABLES if re.fullmatch(r"(?i)\s*show\s+tables\W*", query) else query)
        except duckdb.CatalogException as error:
            raise duckdb.CatalogException(self._missing(query, str(error)) or str(error)) from error

    def close(self) -> None:
        """Frees what the connection holds."""
        self._connection.close()

    def _missing(self, query: str, error: str) -> str:
        """What to say of the tables that a query reads and that cannot be read; empty if there is none."""
        try:
            read = self._connection.get_table_names(query, qualified=True)
        except duckdb.Error:
            read = set(re.findall(r'Table with name "?(.+?)"? does not exist', error))
        known = {name.casefold() for name in self._known}
        return "\n".join(self._reason(name) for name in sorted(read) if name.casefold() not in known)

    def _reason(self, name: str) -> str:
        from imdb_assets.contracts.registry import CONTRACTS

        needs = views.tables(views.ALL[name].text) if name in views.ALL else [name]
        damaged = [one for one in needs if one in self._damaged]
        if damaged:
            reasons = " ".join(str(self._damaged[one]) for one in damaged)
            return reasons if damaged == [name] else f"{name} cannot be read. {reasons}"
        missing = [one for one in needs if one in CONTRACTS and one not in self._known]
        if missing:
            assets = ",".join(one.replace(".", "/") for one in missing)
            what = "" if missing == [name] else f"needs {' and '.join(missing)}, "
            return f"{name}: {what}not made yet; run `make materialize ASSETS={assets}`"
        return f"{name}: no such table or view; {advice(name, self._known)}"

    def _fetched(self, result: duckdb.DuckDBPyRelation) -> Iterator[tuple[Any, ...]]:
        rows = iter(result.iter_rows(BATCH))
        while batch := self._interruptible(lambda: list(islice(rows, BATCH))):
            yield from batch

    def _interruptible(self, work: Callable[[], T]) -> T:
        """Works in a thread, so that this one can end it: DuckDB does not look at signals.

        It looks up now and then, since a signal that the system gives to one of DuckDB's threads does not wake it.
        """
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(work)
            try:
                while not done.done():
                    wait([done], timeout=LOOK_SECONDS)
                return done.result()
            except KeyboardInterrupt:
                while not done.done():  # again and again: an interrupt between two steps of a query is forgotten
                    self._connection.interrupt()
                    wait([done], timeout=LOOK_SECONDS)
                raise


def _exact(kind: DuckDBPyType) -> str | None:
    """The type to cast to, so that every value, also one within another, is exact; None if they are as they are."""
    if kind.id in _WRITTEN:
        return "VARCHAR"
    if kind.id not in {"list", "array", "struct", "tuple", "map", "union"}:
        return None
    parts = [(name, part) for name, part in kind.children if isinstance(part, DuckDBPyType)]
    if kind.id == "union":
        parts = parts[1:]  # the first one is the tag
    exact = [_exact(part) for _, part in parts]
    if not any(exact):
        return None
    texts = [text or str(part) for text, (_, part) in zip(exact, parts, strict=True)]
    match kind.id:
        case "list":
            return f"{texts[0]}[]"
        case "array":
            return f"{texts[0]}[{dict(kind.children)['size']}]"
        case "struct" | "union":
            texts = [f"{_name(name)} {text}" for (name, _), text in zip(parts, texts, strict=True)]
    return f"{kind.id}({', '.join(texts)})"


def _distinct(names: Collection[str]) -> list[str]:
    """The names, later ones of equal names numbered: an object in JSON has one value for each."""
    found: dict[str, None] = {}
    for name in names:
        number, one = 0, name
        while one in found:
            number += 1
            one = f"{name}_{number}"
        found[one] = None
    return list(found)


def connect(lake: Lake) -> Warehouse:
    """An in-memory database whose views read the lake's current snapshots."""
    tables, problems = lake.survey()
    return over(tables, lake.folder, damaged=problems)


def over(
    tables: Collection[Table],
    root: Path | None,
    frames: Mapping[str, pl.DataFrame] | None = None,
    damaged: Mapping[str, object] | None = None,
) -> Warehouse:
    """An in-memory database of these tables, each as of its snapshot, and of the analytical views that need no others.

    Args:
        tables: What can be read.
        root: Folder of their files, if they are in one; no other file can be read.
        frames: Further small tables, by name.
        damaged: Tables that exist and cannot be read, and what to say of each.
    """
    connection = duckdb.connect()
    for name, frame in (frames or {}).items():
        connection.register("frame", frame.to_arrow())
        _create(connection, name, "select * from frame", kind="table")
        connection.unregister("frame")
    unreadable = dict(damaged or {})
    for table in tables:
        try:
            _create(connection, table.name, f"select * from {_source(connection, table)}")  # noqa: S608 - paths are quoted
        except (duckdb.IOException, duckdb.InvalidInputException):  # lost or cut off: others can be asked
            unreadable[table.name] = (
                f"Files of {table.name} are lost or damaged. `imdb doctor` names them; roll back to a snapshot that is "
                f"whole (`imdb history {table.name}`), or materialize the table."
            )
        except LakeError as error:
            unreadable[table.name] = str(error)
    known = {table.name for table in tables} - {*unreadable}
    for name, view in views.ALL.items():
        if known.issuperset(views.tables(view.text)):
            _create(connection, name, view.text)
            known.add(name)
    if root:
        connection.execute(f"set allowed_directories = [{_text(f'{root}/')}]")
    connection.execute("set enable_progress_bar = false")  # it would be drawn among the rows, also into a file
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return Warehouse(connection, known, unreadable)


def _source(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """What a view reads from: the files, or on S3 a lazy frame, which is asked only for the columns and rows needed.

    DuckDB's own reader of S3 is an extension that it downloads when used.
    """
    if not table.files[0].startswith(REMOTE):
        files = ", ".join(_text(file) for file in table.sound_files())
        return f"read_parquet([{files}], hive_partitioning = false)"
    connection.register(table.name, table.scan())
    return _name(table.name)


def _create(connection: duckdb.DuckDBPyConnection, name: str, query: str, kind: str = "view") -> None:
    schema, _, view = name.partition(".")
    connection.execute(f"create schema if not exists {_name(schema)}")
    connection.execute(f"create {kind} {_name(schema)}.{_name(view)} as {query}")


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
