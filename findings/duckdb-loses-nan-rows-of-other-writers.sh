#!/usr/bin/env bash
# Question: In DuckDB NaN is greater than every number. Does WHERE v > 5 find NaN rows in a Parquet file?
# Guess: Yes, always: DuckDB's order is documented, and a file is only a table.
# What happens: It depends on who wrote the file. Polars and pyarrow leave NaN out of the minimum and
#   maximum of a row group, as the format asks. DuckDB 2.0 then skips the row group: the NaN rows are gone
#   from v > 5, and even from isnan(v). From a file that DuckDB wrote, and from its own table, they come.
# Versions: duckdb 2.0.0, polars 2.1.0, pyarrow 25.0.0.
# For a user: The same query over the same rows gives different counts, and a check that counts NaN with
#   DuckDB says 0. Keep NaN out of shared files (null instead); to find them, read the file into a table
#   first.
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
import pyarrow.parquet as pq

print("duckdb", duckdb.__version__, "polars", pl.__version__)
con = duckdb.connect()
frame = pl.DataFrame({"v": [1.0, 2.0, 3.0, float("nan")] * 1000})
frame.write_parquet("polars.parquet")
pq.write_table(frame.to_arrow(), "pyarrow.parquet")
con.execute("create table t as from frame")
con.execute("copy t to 'duckdb.parquet'")
sources = {"own table": "t", "own file": "'duckdb.parquet'", "Polars": "'polars.parquet'", "pyarrow": "'pyarrow.parquet'"}


def count(condition):
    return {name: con.sql(f"select count(*) from {source} where {condition}").fetchall()[0][0] for name, source in sources.items()}


expect("all rows", count("true"), {"own table": 4000, "own file": 4000, "Polars": 4000, "pyarrow": 4000})
for condition in ("v > 5", "v = 'nan'::double", "isnan(v)"):
    expect(condition, count(condition), {"own table": 1000, "own file": 1000, "Polars": 0, "pyarrow": 0})
con.execute("create table copied as from 'polars.parquet'")
expect("isnan(v) once read into a table", con.sql("select count(*) from copied where isnan(v)").fetchall()[0][0], 1000)
PY
