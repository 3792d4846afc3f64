#!/usr/bin/env bash
# Question: A TIME WITH TIME ZONE goes from DuckDB to Polars through Arrow, and through a Parquet file. Same
#   time?
# Guess: Yes: both targets have no offset, so both shift to UTC, or both keep the local time.
# What happens: Arrow keeps the local time and drops the offset (23:30), Parquet shifts to UTC (04:30). Two
#   values that are equal in UTC differ through Arrow; read back by DuckDB the Arrow one is a plain TIME.
# Versions: duckdb 2.0.0, pyarrow 25.0.0, polars 2.1.0.
# For a user: Hours move by the offset, depending on the road taken. Store a TIMESTAMPTZ, or cast to TIME
#   yourself.
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
query = "select '23:30:00-05:00'::timetz as t"
arrow = con.sql(query).to_arrow_table()
expect("Arrow type", str(arrow.schema.field("t").type), "time64[us]")
expect("through Arrow", str(arrow["t"][0].as_py()), "23:30:00")
expect("DuckDB reads the Arrow table as", con.sql("select typeof(t), t::varchar from arrow").fetchall()[0], ("TIME", "23:30:00"))
con.execute(f"copy ({query}) to 't.parquet'")
expect("through Parquet", str(pl.read_parquet("t.parquet")["t"][0]), "04:30:00")
expect("DuckDB reads the Parquet file as", con.sql("select typeof(t), t::varchar from 't.parquet'").fetchall()[0], ("TIME WITH TIME ZONE", "04:30:00+00"))
PY
