#!/usr/bin/env bash
# Question: Narwhals' cast(Int64) of a float on Polars and DuckDB: what happens to the fraction?
# Guess: It is cut off on both: An expression of Narwhals is meant to mean the same on every backend.
# What happens: Polars cuts it off, DuckDB rounds (halves to even): 3.9 becomes 3 and 4, -1.5 becomes -1 and
#   -2.
# Versions: narwhals 2.29.0, polars 2.1.0, duckdb 2.0.0.
# For a user: Years, bins and minutes shift by one for half of the rows. Put floor() or round() before every
#   cast to an integer.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile narwhals==2.29.0 polars==2.1.0 duckdb==2.0.0 pyarrow==25.0.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import narwhals as nw
import polars as pl


import duckdb

print("narwhals", nw.__version__, "polars", pl.__version__, "duckdb", duckdb.__version__)
frame = pl.DataFrame({"v": [0.5, 3.9, 2.5, 3.5, -1.5]})
cut = nw.col("v").cast(nw.Int64)
expect("Polars", nw.from_native(frame).select(cut).to_native()["v"].to_list(), [0, 3, 2, 3, -1])
rows = nw.from_native(duckdb.sql("from frame")).select(cut).to_native().fetchall()
expect("DuckDB", [row[0] for row in rows], [0, 4, 2, 4, -2])
PY
