#!/usr/bin/env bash
# Question: A column is a MAP (votes by country); another is a TIME. fastparquet reads files of pyarrow, Polars
#   and DuckDB. Are the columns the same from each?
# Guess: Yes: the Parquet format has one MAP and one TIME, and fastparquet gives dicts for pyarrow's file.
# What happens: From Polars' and DuckDB's files the values are gone without an error: where each map has one
#   entry the column has the keys as texts, else all maps are missing. pyarrow reads the same files right. A
#   TIME is a whole number, in microseconds from pyarrow's file and in nanoseconds from Polars', and a duration
#   from DuckDB's.
# Versions: fastparquet 2026.9.0, pandas 3.1.1, pyarrow 25.0.1, polars 2.1.0, duckdb 2.0.0.
# For a user: A change of the writer turns columns into others. Read with pyarrow.
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
import pyarrow as pa
import pyarrow.parquet as pq

print("fastparquet", fastparquet.__version__, "pandas", pd.__version__)
kinds = pa.map_(pa.string(), pa.int64())


def read(rows):
    """The column v by writer, as pandas has it from fastparquet."""
    pq.write_table(rows, "pyarrow.parquet")
    pl.from_arrow(rows).write_parquet("polars.parquet")
    duckdb.sql("from rows").write_parquet("duckdb.parquet")
    found = {}
    for writer in ("pyarrow", "polars", "duckdb"):
        assert pq.read_table(f"{writer}.parquet")["v"].to_pylist() == rows["v"].to_pylist()
        found[writer] = str(fastparquet.ParquetFile(f"{writer}.parquet").to_pandas()["v"].tolist()).replace("np.int64", "")
    return found


two = read(pa.table({"v": pa.array([[("fr", 7), ("de", 9)], []], kinds)}))
expect("two votes", two, {"pyarrow": "[{'fr': (7), 'de': (9)}, {}]", "polars": "[None, None]", "duckdb": "[None, None]"})
one = read(pa.table({"v": pa.array([[("fr", 7)], [("de", 9)]], kinds)}))
expect("one vote each", one, {"pyarrow": "[{'fr': (7)}, {'de': (9)}]", "polars": "['fr', 'de']", "duckdb": "['fr', 'de']"})
times = read(pa.table({"v": [dt.time(1, 2, 3)]}))
expect("times", times, {"pyarrow": "[3723000000]", "polars": "[3723000000000]", "duckdb": "[Timedelta('0 days 01:02:03')]"})
PY
