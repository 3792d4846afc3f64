"""SQL over the lake in this process: every published table as a DuckDB view, named `schema.table`."""

import duckdb

from imdb_assets.lake.lake import Lake


def connect(lake: Lake) -> duckdb.DuckDBPyConnection:
    """An in-memory database whose views read the lake's current snapshots; it can read nothing else and write nowhere."""
    connection = duckdb.connect()
    for table in lake.tables():
        schema, _, name = table.name.partition(".")
        files = ", ".join(_quoted(file) for file in table.files)
        connection.execute(f'create schema if not exists "{schema}"')
        connection.execute(
            f'create view "{schema}"."{name}" as select * from read_parquet([{files}], hive_partitioning = false)'
        )
    connection.execute(f"set allowed_directories = [{_quoted(f'{lake.root}/')}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
