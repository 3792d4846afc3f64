#!/usr/bin/env bash
# Question: A column of fixed-size lists (embeddings; Polars' Array) has a missing row. It is written to
#   Parquet, by Polars or pyarrow. Can pyarrow read it?
# Guess: Yes; all other types with missing rows come back, and pyarrow wrote the file itself.
# What happens: pyarrow writes it and then refuses to read it, "Expected all lists to be of size=2 but index 2
#   had size=0", for Polars' file as well. Only the Arrow schema in the file makes it want fixed sizes. Polars,
#   DuckDB and DataFusion read both files, and so does pyarrow from a writer that was told store_schema=False.
#   Without a missing row all is well.
# Versions: pyarrow 25.0.1, polars 2.1.0, duckdb 2.0.0, datafusion 54.1.0.
# For a user: The first film without an embedding makes last night's file unreadable for pandas and all that
#   stands on pyarrow, after it was written without complaint. Cast to a list before writing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 polars==2.1.0 pyarrow==25.0.1 datafusion==54.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import datafusion
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

print("pyarrow", pa.__version__, "polars", pl.__version__)
rows = [[1.0, 2.0], None, [3.0, 4.0]]


def frame(values):
    return pl.DataFrame({"v": values}, schema={"v": pl.Array(pl.Float32, 2)})


def read():
    """The column from t.parquet: pyarrow, Polars, DuckDB, DataFusion."""
    try:
        ours = pq.read_table("t.parquet")["v"].to_pylist()
    except pa.ArrowInvalid as error:
        ours = str(error)
    others = (
        pl.read_parquet("t.parquet")["v"].to_list(),
        [row[0] for row in duckdb.sql("select v from 't.parquet'").fetchall()],
        datafusion.SessionContext().read_parquet("t.parquet").to_pydict()["v"],
    )
    return ours, [other for other in others if other != rows]


refusal = "Expected all lists to be of size=2 but index 2 had size=0"
frame(rows).write_parquet("t.parquet")
expect("written by Polars", read(), (refusal, []))
pq.write_table(frame(rows).to_arrow(), "t.parquet")
expect("written by pyarrow", read(), (refusal, []))
pq.write_table(frame(rows).to_arrow(), "t.parquet", store_schema=False)
expect("written without the Arrow schema", read(), (rows, []))
frame(rows).cast(pl.List(pl.Float32)).write_parquet("t.parquet")
expect("written as lists", read(), (rows, []))
frame(rows[::2]).write_parquet("t.parquet")
expect("without a missing row", read()[0], rows[::2])
PY
