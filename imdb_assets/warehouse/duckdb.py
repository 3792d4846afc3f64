"""SQL over the lake in this process: every published table as a DuckDB view, named `schema.table`."""

import duckdb

from imdb_assets.lake.files import REMOTE
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.table import Table


class Warehouse:
    """Queries that can read the lake's tables, nothing else, and write nowhere."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Of a connection that `connect` has fenced in."""
        self._connection = connection

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """The query's result, lazily.

        The fence around files lets queries write where they may read, so anything but SELECT stays outside.

        Raises:
            duckdb.Error: Wrong SQL, a table that is not there, or a statement that is no SELECT.
        """
        kinds = [statement.type.name for statement in duckdb.extract_statements(query)]
        if kinds != ["SELECT"]:
            raise duckdb.PermissionException(
                "one SELECT (or WITH, FROM, DESCRIBE, SUMMARIZE) is allowed, "
                f"not {', '.join(kinds) or 'an empty query'}; tables change only when their assets are materialized"
            )
        return self._connection.sql(query)


def connect(lake: Lake) -> Warehouse:
    """An in-memory database whose views read the lake's current snapshots."""
    connection = duckdb.connect()
    for table in lake.tables():
        schema, _, name = table.name.partition(".")
        connection.execute(f"create schema if not exists {_name(schema)}")
        connection.execute(
            f"create view {_name(schema)}.{_name(name)} as "  # noqa: S608 - names and paths are quoted
            f"select * from {_source(connection, table)}"
        )
    if lake.is_local:
        connection.execute(f"set allowed_directories = [{_text(f'{lake.root}/')}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return Warehouse(connection)


def _source(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """What a view reads from: the files, or on S3 a lazy frame, which is asked only for the columns and rows needed.

    DuckDB's own reader of S3 is an extension that it downloads when used.
    """
    if not table.files[0].startswith(REMOTE):
        files = ", ".join(_text(file) for file in table.files)
        return f"read_parquet([{files}], hive_partitioning = false)"
    connection.register(table.name, table.scan())
    return _name(table.name)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
