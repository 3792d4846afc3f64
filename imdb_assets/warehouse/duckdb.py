"""SQL over the lake in this process: every published table as a DuckDB view, and over them those of `views`."""

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb
import polars as pl

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.stored import REMOTE
from imdb_assets.lake.table import Table
from imdb_assets.warehouse import views

_OF_DUCKDB = {"bit", "blob", "interval", "union"}


class Warehouse:
    """Queries that can read the lake's tables, nothing else, and write nowhere."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, damaged: Mapping[str, str]) -> None:
        """Of a connection that `connect` has fenced in.

        Args:
            connection: Whose views can be asked.
            damaged: Tables that have none, since files of theirs are lost or damaged, and what to say of each.
        """
        self._connection = connection
        self._damaged = damaged

    def rows(self, query: str) -> pl.DataFrame:
        """The query's rows; what Polars cannot take or print, such as an interval, as DuckDB writes it.

        Raises:
            duckdb.Error: As of `sql`.
        """
        result = self.sql(query)
        if _OF_DUCKDB.isdisjoint(kind.id for kind in result.types):
            return result.pl()
        columns = [  # by place, since names may repeat
            duckdb.SQLExpression(f"#{place}::varchar" if kind.id in _OF_DUCKDB else f"#{place}").alias(name)
            for place, (name, kind) in enumerate(zip(result.columns, result.types, strict=True), start=1)
        ]
        return result.select(*columns).pl()

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
            return self._connection.sql(query)
        except duckdb.CatalogException as error:
            if not self._damaged:
                raise
            raise duckdb.CatalogException("\n".join([str(error), *self._damaged.values()])) from error


def connect(lake: Lake) -> Warehouse:
    """An in-memory database whose views read the lake's current snapshots."""
    return over(lake.tables(), lake.folder)


def over(tables: Collection[Table], root: Path | None, frames: Mapping[str, pl.DataFrame] | None = None) -> Warehouse:
    """An in-memory database of these tables, each as of its snapshot, and of the analytical views that need no others.

    Args:
        tables: What can be read.
        root: Folder of their files, if they are in one; no other file can be read.
        frames: Further small tables, by name.
    """
    connection = duckdb.connect()
    for name, frame in (frames or {}).items():
        connection.register("frame", frame.to_arrow())
        _create(connection, name, "select * from frame", kind="table")
        connection.unregister("frame")
    damaged: dict[str, str] = {}
    for table in tables:
        try:
            _create(connection, table.name, f"select * from {_source(connection, table)}")  # noqa: S608 - paths are quoted
        except (duckdb.IOException, duckdb.InvalidInputException):  # lost or cut off: others can be asked
            damaged[table.name] = (
                f"Files of {table.name} are lost or damaged, so it cannot be read, nor can a view over it; roll back "
                f"to a snapshot that is whole (`imdb history {table.name}`), or materialize it."
            )
        except LakeError as error:
            damaged[table.name] = str(error)
    known = {table.name for table in tables} - {*damaged}
    for name, view in views.ALL.items():
        if known.issuperset(views.tables(view.text)):
            _create(connection, name, view.text)
    if root:
        connection.execute(f"set allowed_directories = [{_text(f'{root}/')}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return Warehouse(connection, damaged)


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
