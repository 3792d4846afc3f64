"""Ministack's Athena cannot read Iceberg: the lake's tables, shown to it as plain external ones on the same files."""

from typing import Any

import polars as pl

from imdb_assets.lake.table import Table
from imdb_assets_tests.aws.emulators import Emulator

_TYPES: dict[Any, str] = {pl.Int32: "int", pl.Int64: "bigint", pl.Float64: "double", pl.Boolean: "boolean"}


def show(emulator: Emulator, table: Table) -> None:
    """Replaces the table's entry in Glue's catalog, which the lake cannot read after that."""
    schema, _, name = table.name.partition(".")
    columns = [
        {"Name": column, "Type": "array<string>" if dtype == pl.List(pl.String) else _TYPES.get(dtype, "string")}
        for column, dtype in table.scan().collect_schema().items()
    ]
    prefix, _, rest = table.files[0].partition("/data/")
    emulator.client("glue").update_table(
        DatabaseName=schema,
        TableInput={
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
        },
    )
