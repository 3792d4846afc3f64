#!/usr/bin/env bash
# Question: Daft reads a folder of Hive partitions whose names are not all of one kind (1e3, 2024-01-31,
#   true). What is the column?
# Guess: Text, as with DuckDB and Polars, since only text fits all.
# What happens: The type is taken from one folder, whichever is listed first; names that do not fit it
#   become null, without a warning. Grouping by the column shows some partitions as null, and a filter on
#   their names finds no row.
# Versions: daft 0.7.26, pyarrow 25.0.0, polars 2.1.0, duckdb 2.0.0.
# For a user: Rows of whole partitions lose their key. Pass a schema for the partition column, or keep the
#   key as a column in the files.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 daft==0.7.26 pyarrow==25.0.0 polars==2.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import os

import daft
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

print("daft", daft.__version__)
names = ["1e3", "2024-01-31", "true"]
for number, name in enumerate(names):
    os.makedirs(f"films/kind={name}")
    pq.write_table(pa.table({"film": [number]}), f"films/kind={name}/part.parquet")
files = "films/*/*.parquet"
expect("Polars", pl.read_parquet(files, hive_partitioning=True).sort("film")["kind"].to_list(), names)
rows = duckdb.sql(f"select kind from read_parquet('{files}', hive_partitioning = true) order by film").fetchall()
expect("DuckDB", [row[0] for row in rows], names)
kinds = daft.read_parquet(files, hive_partitioning=True).sort("film").to_pydict()["kind"]
print("Daft:", kinds)
expect("partitions whose key is null in Daft", sum(kind is None for kind in kinds), 2)
PY
