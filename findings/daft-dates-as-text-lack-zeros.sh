#!/usr/bin/env bash
# Question: A date is cast to text in Daft, to join it with a day of a log or to filter by month. What is the text?
# Guess: 2024-01-05, as everywhere: the order of such texts is that of the days.
# What happens: 2024-1-5, without zeros, by a cast in Python and in SQL. Of three films the join by text finds one,
#   "the text is at least 2024-02-01" also finds January, and "begins with 2024-01" finds nothing. Timestamps are cast
#   with zeros. CSV, JSON and folders of partitions have zeros, too. A cast back to a date reads both forms.
# Versions: daft 0.7.26; for comparison polars 2.1.0, duckdb 2.0.1, datafusion 55.0.0, pyarrow 25.0.1.
# For a user: Use strftime(), or cast to a timestamp first and cut off the time, or compare dates as dates.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile daft==0.7.26 polars==2.1.0 duckdb==2.0.1 datafusion==55.0.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime as dt

import daft
import datafusion
import duckdb
import polars as pl
import pyarrow as pa
from daft import col

print("daft", daft.__version__)
days = [dt.date(2024, 1, 5), dt.date(2024, 2, 1), dt.date(2024, 11, 25)]
films = daft.from_pydict({"day": days})
text = col("day").cast(daft.DataType.string())
table = pa.table({"day": days})
right = ["2024-01-05", "2024-02-01", "2024-11-25"]
context = datafusion.SessionContext()
context.from_arrow(table, "films")
expect("Polars", pl.from_arrow(table)["day"].cast(pl.String).to_list(), right)
expect("pyarrow", table["day"].cast(pa.string()).to_pylist(), right)
expect("DuckDB", [row[0] for row in duckdb.connect().register("films", table).execute("select day::text from films").fetchall()], right)
expect("DataFusion", [row["t"] for row in context.sql("select cast(day as varchar) as t from films").to_pylist()], right)
expect("Daft", films.select(text).to_pydict()["day"], ["2024-1-5", "2024-2-1", "2024-11-25"])
expect("Daft, SQL", daft.sql("select cast(day as varchar) as t from films").to_pydict()["t"], ["2024-1-5", "2024-2-1", "2024-11-25"])
log = daft.from_pydict({"text": right})
expect("rows joined by text", films.with_column("text", text).join(log, on="text").count_rows(), 1)
expect("text >= 2024-02-01", films.where(text >= "2024-02-01").count_rows(), 3)
expect("day >= 2024-02-01", films.where(col("day") >= dt.date(2024, 2, 1)).count_rows(), 2)
expect("text begins with 2024-01", films.where(text.startswith("2024-01")).count_rows(), 0)
expect("greatest text", films.agg(text.max().alias("t")).to_pydict()["t"], ["2024-2-1"])
expect("strftime", films.select(col("day").strftime("%Y-%m-%d")).to_pydict()["day"], right)
expect("timestamp", daft.from_pydict({"t": [dt.datetime(2024, 1, 5)]}).select(col("t").cast(daft.DataType.string())).to_pydict()["t"], ["2024-01-05 00:00:00"])
expect("read back", films.select(text.cast(daft.DataType.date())).to_pydict()["day"] == days, True)
PY
