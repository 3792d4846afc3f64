#!/usr/bin/env bash
# Question: DuckDB's // is integer division. What is 7.5 // 2?
# Guess: 3. The name says so, and sqlglot's translations of it give 3.
# What happens: Only two integers divide to an integer. With a DECIMAL or DOUBLE on either side // is the
#   same as / and answers 3.75. sqlglot writes DIV for Spark and TRUNC for Trino and Redshift, which give 3.
# Versions: duckdb 2.0.0, sqlglot 30.30.0.
# For a user: Bins made with // over a DECIMAL or DOUBLE column are no bins: every value is its own, and on
#   the translated engine they are bins again. Use floor(x / n).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 sqlglot==30.30.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import duckdb
import sqlglot

print("duckdb", duckdb.__version__, "sqlglot", sqlglot.__version__)
con = duckdb.connect()
expect("decimal // 2", con.sql("select 7.5 // 2, typeof(7.5 // 2)").fetchall()[0], (3.75, "DOUBLE"))
expect("double // 2", con.sql("select 7.5::double // 2").fetchall()[0][0], 3.75)
expect("integer // 2", con.sql("select 7 // 2").fetchall()[0][0], 3)
expect("for Spark", sqlglot.transpile("select 7.5 // 2", read="duckdb", write="spark")[0], "SELECT 7.5 DIV 2")
bins = con.sql("select count(distinct x // 10) from (select (n / 10)::decimal(9, 1) as x from range(100) r(n))").fetchall()
expect("bins of ten for 0.0 to 9.9", bins[0][0], 100)
PY
