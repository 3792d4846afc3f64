#!/usr/bin/env bash
# Question: A Parquet file has a timestamp with the time zone Europe/Paris. Polars reads it through a pyarrow dataset.
#   Does it find the row of 12:00 in Paris by this time?
# Guess: Yes. An instant is an instant, and scan_parquet finds it.
# What happens: It finds the row of 10:00 in Paris. Polars hands the condition to pyarrow with the hours of UTC under
#   the name of the zone, so every comparison is off by the zone's offset, here two hours. A column in UTC is right.
#   So is DuckDB on the same dataset.
# Versions: polars 2.1.0 (scan_pyarrow_dataset), pyarrow 25.0.1, duckdb 2.0.0.
# For a user: Wrong rows, without an error, and a test in UTC does not show it. Store instants in UTC, or call
#   scan_pyarrow_dataset(..., allow_pyarrow_filter=False).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 pyarrow==25.0.1 duckdb==2.0.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime as dt
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pyarrow.dataset

print("polars", pl.__version__)
paris = ZoneInfo("Europe/Paris")
hours = (10, 12, 14)
noon = dt.datetime(2024, 7, 1, 12, tzinfo=paris)
pl.DataFrame({"hour": hours, "seen": [noon.replace(hour=hour) for hour in hours]}).write_parquet("seen.parquet")
pl.read_parquet("seen.parquet").with_columns(pl.col("seen").dt.convert_time_zone("UTC")).write_parquet("utc.parquet")
dataset = pyarrow.dataset.dataset("seen.parquet")


def ask(frame, when=noon):
    """The hours of the rows at the time, and from then on."""
    return [frame.filter(condition).collect()["hour"].to_list() for condition in (pl.col("seen") == when, pl.col("seen") >= when)]


expect("scan_parquet", ask(pl.scan_parquet("seen.parquet")), [[12], [12, 14]])
expect("scan_pyarrow_dataset", ask(pl.scan_pyarrow_dataset(dataset)), [[10], [10, 12, 14]])
expect("without its filter", ask(pl.scan_pyarrow_dataset(dataset, allow_pyarrow_filter=False)), [[12], [12, 14]])
in_utc = pl.scan_pyarrow_dataset(pyarrow.dataset.dataset("utc.parquet"))
expect("a column in UTC", ask(in_utc, noon.astimezone(dt.UTC)), [[12], [12, 14]])
rows = duckdb.execute("select hour from dataset where seen >= timestamptz '2024-07-01 12:00:00+02'").fetchall()
expect("DuckDB on the dataset", rows, [(12,), (14,)])
PY
