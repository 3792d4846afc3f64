#!/usr/bin/env bash
# Question: A pandas column of durations (running times, delays) is written with fastparquet. What do pyarrow,
#   Polars and DuckDB read?
# Guess: Durations, as fastparquet itself and as with pyarrow as writer; or whole numbers, since Parquet has no
#   type for durations.
# What happens: Times of day: 100 minutes are 01:40:00. Thirty hours are 06:00 in pyarrow, NULL in Polars and an
#   error in DuckDB; ten minutes early, -10, are 23:50, NULL and an error.
# Versions: fastparquet 2026.9.0, pandas 3.1.1, pyarrow 25.0.1, polars 2.1.0, duckdb 2.0.0.
# For a user: Long and negative durations become others, or missing. Write whole minutes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile fastparquet==2026.9.0 pandas==3.1.1 pyarrow==25.0.1 polars==2.1.0 duckdb==2.0.0 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import datetime as dt

import duckdb
import fastparquet
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

print("fastparquet", fastparquet.__version__, "pandas", pd.__version__)


def read(minutes):
    """The value as fastparquet, pyarrow, Polars and DuckDB read it."""
    fastparquet.write("t.parquet", pd.DataFrame({"v": pd.to_timedelta([minutes], unit="min")}))
    own = fastparquet.ParquetFile("t.parquet").to_pandas()["v"][0] // pd.Timedelta(minutes=1)
    try:
        by_duckdb = duckdb.sql("select v from 't.parquet'").fetchall()[0][0]
    except duckdb.InvalidInputException as error:
        by_duckdb = str(error).partition(" in Parq")[0]
    return own, pq.read_table("t.parquet")["v"][0].as_py(), pl.read_parquet("t.parquet")["v"][0], by_duckdb


expect("type in pyarrow after 100 minutes", (read(100), str(pq.read_schema("t.parquet").field("v").type))[1], "time64[us]")
clock = dt.time(1, 40)
expect("100 minutes", read(100), (100, clock, clock, clock))
expect("30 hours", read(1800), (1800, dt.time(6), None, "Invalid Input Error: Invalid TIME value 108000000000"))
expect("10 minutes early", read(-10), (-10, dt.time(23, 50), None, "Invalid Input Error: Invalid TIME value -600000000"))
PY
