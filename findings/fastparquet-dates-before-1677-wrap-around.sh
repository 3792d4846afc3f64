#!/usr/bin/env bash
# Question: A Parquet file has a column DATE with a birth in 1564 (Shakespeare's). What does pandas show that
#   reads it with fastparquet?
# Guess: The date, or an error, or a missing value: timestamps of the same day are read right, in microseconds.
# What happens: Dates are turned into nanoseconds, which reach from 1677 to 2262, and wrap around without an
#   error: 1564-04-23 becomes 2148-11-10, and 9999-12-31, "no end", becomes 1816-03-29. pyarrow reads the dates;
#   TIMESTAMP columns are right in fastparquet.
# Versions: fastparquet 2026.9.0, pandas 3.1.1, pyarrow 25.0.1.
# For a user: Ages become negative, and an open end lies in the past, so that "valid until" drops rows. Read
#   with pyarrow, or write timestamps.
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

import fastparquet
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

print("fastparquet", fastparquet.__version__, "pandas", pd.__version__)
days = [dt.date(1564, 4, 23), dt.date(1895, 12, 28), dt.date(9999, 12, 31)]
table = pa.table({"day": days, "moment": pa.array([dt.datetime(day.year, day.month, day.day) for day in days], pa.timestamp("us"))})
pq.write_table(table, "people.parquet")


def read(engine, column):
    return [str(value)[:10] for value in pd.read_parquet("people.parquet", engine=engine)[column]]


right = [str(day) for day in days]
expect("pyarrow, days", read("pyarrow", "day"), right)
expect("fastparquet, moments", read("fastparquet", "moment"), right)
expect("fastparquet, days", read("fastparquet", "day"), ["2148-11-10", "1895-12-28", "1816-03-29"])
PY
