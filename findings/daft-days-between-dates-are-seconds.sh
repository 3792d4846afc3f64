#!/usr/bin/env bash
# Question: What is date '2024-03-01' - date '2024-01-01' in Daft?
# Guess: 60 days, as a number or as a duration.
# What happens: A duration of 60 seconds: the number of days is stored as seconds. The same difference of two
#   timestamps is right, 60 days. An average of days becomes an average of seconds, and total_days() of it is 0.
# Versions: daft 0.7.26; duckdb 2.0.0 and polars 2.1.0 for comparison.
# For a user: Ages, delays and times to release are 86,400 times too small, in Parquet files too. Cast both
#   dates to a timestamp first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile daft==0.7.26 duckdb==2.0.0 polars==2.1.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import datetime as dt

import daft
import duckdb
import polars as pl
from daft import col

print("daft", daft.__version__)
first, second = dt.date(2024, 1, 1), dt.date(2024, 3, 1)
films = daft.from_pydict({"shot": [first], "shown": [second]})
wait = films.select((col("shown") - col("shot")).alias("wait"))
expect("Python", second - first, dt.timedelta(days=60))
expect("Polars", pl.from_arrow(films.to_arrow()).select(pl.col("shown") - pl.col("shot")).item(), dt.timedelta(days=60))
expect("DuckDB", duckdb.sql("select date '2024-03-01' - date '2024-01-01'").fetchall(), [(60,)])
expect("type in Daft", str(wait.schema()["wait"].dtype), "Duration[s]")
expect("Daft", wait.to_pydict()["wait"], [dt.timedelta(seconds=60)])
expect("Daft's SQL", daft.sql("select shown - shot as wait from films", films=films).to_pydict()["wait"], [dt.timedelta(seconds=60)])
expect("in Arrow", wait.to_arrow()["wait"].to_pylist(), [dt.timedelta(seconds=60)])
moment = daft.DataType.timestamp("us")
times = films.select((col("shown").cast(moment) - col("shot").cast(moment)).alias("wait"))
expect("of timestamps", times.to_pydict()["wait"], [dt.timedelta(days=60)])
expect("total_days()", [frame.select(daft.functions.total_days(col("wait")).alias("d")).to_pydict()["d"] for frame in (wait, times)], [[0], [60]])
PY
