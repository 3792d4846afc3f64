"""Ministack's Athena reads no Iceberg and keeps no views: how tests ask it for the lake's all the same.

Tables are shown to it as plain external ones, on the same files, in databases beside the lake's. A statement is parsed
as Trino's, and goes to it with those tables in it, and with the queries of views; a view's entry in Glue's catalog is
made as Athena makes it.
"""

import time
from typing import Any

import polars as pl
import sqlglot
from sqlglot import exp

from imdb_assets.lake.table import Table
from imdb_assets_tests.aws.emulators import Emulator

PLAIN = "plain_"
_TYPES: dict[Any, str] = {pl.Int32: "int", pl.Int64: "bigint", pl.Float64: "double", pl.Boolean: "boolean"}


def show(emulator: Emulator, table: Table) -> None:
    """Makes the plain table of a table's snapshot, or replaces that of an older one."""
    schema, _, name = table.name.partition(".")
    columns = [
        {"Name": column, "Type": "array<string>" if dtype == pl.List(pl.String) else _TYPES.get(dtype, "string")}
        for column, dtype in table.scan().collect_schema().items()
    ]
    prefix, _, rest = table.files[0].partition("/data/")
    entry = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"},
        "StorageDescriptor": {
            "Columns": columns,
            "Location": f"{prefix}/data/{rest.partition('/')[0]}/",
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        },
    }
    glue = emulator.client("glue")
    if f"{PLAIN}{schema}" not in [one["Name"] for one in glue.get_databases()["DatabaseList"]]:
        glue.create_database(DatabaseInput={"Name": f"{PLAIN}{schema}"})
    _put(glue, f"{PLAIN}{schema}", entry)


class Plain:
    """Ministack's Athena client; statements are about the lake's tables, and answered from the plain ones."""

    def __init__(self, emulator: Emulator) -> None:
        """Of a ministack to which tables are shown."""
        self._emulator = emulator
        self._athena = emulator.client("athena")
        self.views: dict[str, exp.Expr] = {}
        self.asked: list[str] = []
        """Statements as they were sent to Athena."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._athena, name)

    def start_query_execution(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request["QueryString"])
        (statement,) = sqlglot.parse(request["QueryString"], read="trino", error_level=sqlglot.ErrorLevel.RAISE)
        assert statement is not None
        if not isinstance(statement, exp.Create):
            return self._started(statement, request)
        query, name = statement.expression, _named(statement.this)
        assert (statement.args["kind"], statement.args["replace"]) == ("VIEW", True)
        started = self._started(exp.select("*").from_(exp.Subquery(this=query, alias="v")).limit(0), request)
        self.views[name] = query
        entry = {"Name": statement.this.name, "TableType": "VIRTUAL_VIEW"}
        _put(self._emulator.client("glue"), statement.this.db, entry)
        return started

    def _started(self, query: exp.Expr, request: dict[str, Any]) -> dict[str, Any]:
        text = query.transform(self._replaced).sql("duckdb")
        started = self._athena.start_query_execution(**{**request, "QueryString": text})
        while True:
            found = self._athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])
            if found["QueryExecution"]["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                return started
            time.sleep(0.02)

    def _replaced(self, node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Table) or not node.db:
            return node
        name = _named(node)
        if name in self.views:
            return exp.Subquery(this=self.views[name].transform(self._replaced), alias=node.alias or node.name)
        return exp.table_(node.name, db=f"{PLAIN}{name.partition('.')[0]}", alias=node.alias or node.name)


def _named(table: Any) -> str:
    """A table's name in the lake: `imdb_views_silver.movies` is `silver.movies`."""
    return f"{table.db.rpartition('_')[2]}.{table.name}"


def _put(glue: Any, database: str, entry: dict[str, Any]) -> None:
    known = [one["Name"] for one in glue.get_tables(DatabaseName=database)["TableList"]]
    change = glue.update_table if entry["Name"] in known else glue.create_table
    change(DatabaseName=database, TableInput=entry)
