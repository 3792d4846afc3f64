#!/usr/bin/env bash
# Question: A DuckDB ENUM sorts by its listed order. Does that order survive Polars and Parquet?
# Guess: Through Arrow yes: the dictionary lists the values in order, and Polars has an ordered Enum type.
# What happens: DuckDB marks the dictionary as unordered, Polars makes a Categorical of it, which sorts by
#   the alphabet; handed back, DuckDB sees VARCHAR. Parquet stores plain text. max() then answers 'small'
#   where the ENUM said 'large'.
# Versions: duckdb 2.0.0, pyarrow 25.0.0, polars 2.1.0.
# For a user: min, max, sort and comparisons of graded labels change without an error. Carry a numeric rank,
#   or cast to pl.Enum in Polars.
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

print("duckdb", duckdb.__version__, "polars", pl.__version__)
con = duckdb.connect()
con.execute("create type size as enum ('small', 'medium', 'large')")
con.execute("create table t as select unnest(['large', 'small', 'medium'])::size as s")
expect("DuckDB max", con.sql("select max(s)::varchar from t").fetchall()[0][0], "large")
expect("DuckDB rows below medium", con.sql("select count(*) from t where s < 'medium'").fetchall()[0][0], 1)
arrow = con.sql("from t").to_arrow_table()
expect("Arrow dictionary is ordered", arrow.schema.field("s").type.ordered, False)
frame = con.sql("from t").pl()
expect("Polars type", str(frame.schema["s"]), "Categorical")
expect("Polars sorts", frame.sort("s")["s"].to_list(), ["large", "medium", "small"])
expect("DuckDB sees the frame as", con.sql("select typeof(s) from frame limit 1").fetchall()[0][0], "VARCHAR")
expect("max of the frame in DuckDB", con.sql("select max(s) from frame").fetchall()[0][0], "small")
con.execute("copy t to 't.parquet'")
expect("max of the Parquet file", con.sql("select max(s) from 't.parquet'").fetchall()[0][0], "small")
PY
