"""One reader of Iceberg, in an environment of its own: prints the rows of snapshots.

`python reader_program.py READER METADATA_FILE@SNAPSHOT...` prints a line of JSON for each: its rows, or the error as a
text. A snapshot 0 is the current one. Run by `test_reader_matrix.py`; imports nothing of this project.
"""

# What it imports is in other environments.
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false, reportArgumentType=false

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]


def by_duckdb(metadata: str, snapshot: int | None) -> Rows:
    """DuckDB with its iceberg extension, from wheels."""
    import duckdb
    import duckdb_extension_avro
    import duckdb_extension_iceberg

    connection = duckdb.connect()
    for package in (duckdb_extension_avro, duckdb_extension_iceberg):
        (extension,) = Path(package.__file__).parent.rglob("*.duckdb_extension")
        connection.execute(f"load '{extension}'")
    at = f", snapshot_from_id => {snapshot}" if snapshot else ""
    found = connection.sql(f"select * from iceberg_scan('{metadata}'{at})")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def by_clickhouse(metadata: str, snapshot: int | None) -> Rows:
    """ClickHouse in this process."""
    import chdb

    os.chdir("/")  # it reads below the current folder
    table = metadata.partition("/metadata/")[0]
    at = f" settings iceberg_snapshot_id = {snapshot}" if snapshot else ""
    answer = chdb.query(f"select * from icebergLocal('{table}'){at}", "JSONEachRow")
    return [json.loads(line) for line in str(answer).splitlines()]


def by_daft(metadata: str, snapshot: int | None) -> Rows:
    """Daft, which plans with pyiceberg."""
    import daft
    from pyiceberg.table import StaticTable

    frame = daft.read_iceberg(StaticTable.from_metadata(metadata), snapshot_id=snapshot)
    return frame.to_arrow().to_pylist()


def by_datafusion(metadata: str, snapshot: int | None) -> Rows:
    """DataFusion with Iceberg's own table provider, from pyiceberg-core."""
    from datafusion import SessionContext
    from pyiceberg_core.datafusion import IcebergDataFusionTable

    if snapshot:
        raise NotImplementedError("its table provider has no argument for a snapshot")
    context = SessionContext()
    context.register_table("t", IcebergDataFusionTable(["lake", "table"], metadata, {}))
    return [row for batch in context.sql("select * from t").collect() for row in batch.to_pylist()]


def by_sail(metadata: str, snapshot: int | None) -> Rows:
    """Sail, over Spark Connect; a server for each call, since the second call to one that is kept never ends."""
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer()
    server.start(background=True)
    _, port = server.listening_address
    session = SparkSession.builder.remote(f"sc://localhost:{port}").getOrCreate()
    reader = session.read.format("iceberg")
    if snapshot:
        reader = reader.option("snapshotId", str(snapshot))
    try:
        return [row.asDict() for row in reader.load(metadata.partition("/metadata/")[0]).collect()]
    finally:
        session.stop()
        server.stop()


READERS: dict[str, Callable[[str, int | None], Rows]] = {
    "duckdb": by_duckdb,
    "clickhouse": by_clickhouse,
    "daft": by_daft,
    "datafusion": by_datafusion,
    "sail": by_sail,
}

if __name__ == "__main__":
    reader, *cells = sys.argv[1:]
    for cell in cells:
        metadata, _, snapshot = cell.rpartition("@")
        try:
            answer: Rows | str = READERS[reader](metadata, int(snapshot) or None)
        except Exception as error:  # noqa: BLE001 - it is the answer
            answer = f"{type(error).__name__}: {str(error).strip()[:300]}"
        print(json.dumps(answer, default=str), flush=True)  # noqa: T201
