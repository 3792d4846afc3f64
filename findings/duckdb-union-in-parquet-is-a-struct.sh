#!/usr/bin/env bash
# Question: A UNION column is written to Parquet by DuckDB and read again by DuckDB. Still a UNION?
# Guess: Yes, or the copy is refused: Parquet has no union.
# What happens: It comes back as a STRUCT of all members plus a number named element1 that says which one is
#   set. A NULL of the union and the union that holds a null member are told apart only by that number;
#   casts and comparisons that worked before fail or compare the whole struct.
# Versions: duckdb 2.0.0, polars 2.1.0.
# For a user: Rows survive, the type does not: queries over the file need other SQL than queries over the
#   table. Split into plain columns before writing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 pyarrow==25.0.0 polars==2.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import duckdb
import polars as pl

print("duckdb", duckdb.__version__)
con = duckdb.connect()
con.execute("create table t (v union(num integer, txt varchar))")
con.execute("insert into t values (1), ('one')")
expect("in the table", [str(r[0]) for r in con.sql("select v from t").fetchall()], ["1", "one"])
con.execute("copy t to 't.parquet'")
expect("type in the file", con.sql("select typeof(v) from 't.parquet' limit 1").fetchall()[0][0], "STRUCT(element1 UTINYINT, num INTEGER, txt VARCHAR)")
expect("in the file", con.sql("from 't.parquet'").fetchall(), [({"element1": 0, "num": 1, "txt": None},), ({"element1": 1, "num": None, "txt": "one"},)])
expect("in Polars", pl.read_parquet("t.parquet")["v"].struct.fields, ["element1", "num", "txt"])
PY
