#!/usr/bin/env bash
# Question: A column is added to an Iceberg table later. Does a scan of pyiceberg with added != 'y' return
#   the rows from before?
# Guess: No: they are null there, and != drops null rows, as it does within a file that has the column.
# What happens: Null rows of the new files are dropped, rows of the old files, equally null, are returned,
#   and counted. Polars over the same table drops both.
# Versions: pyiceberg 0.12.0, polars 2.1.0.
# For a user: Rewriting old files (compaction) changes the result of the query. Always add 'and added is not
#   null'.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'pyiceberg[sql-sqlite,pyarrow]==0.12.0' polars==2.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import os
import warnings

import pyarrow as pa
import pyiceberg
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.types import StringType

warnings.filterwarnings("ignore")
catalog = SqlCatalog("lake", uri=f"sqlite:///{os.getcwd()}/catalog.db", warehouse=f"file://{os.getcwd()}/lake")
catalog.create_namespace("n")
print("pyiceberg", pyiceberg.__version__)


def create(name, rows, partition=None):
    table = catalog.create_table(f"n.{name}", schema=rows.schema)
    if partition:
        with table.update_spec() as spec:
            spec.add_field(*partition)
    table.append(rows)
    return table


import polars as pl

table = create("t", pa.table({"id": [1, 2]}))
with table.update_schema() as change:
    change.add_column("added", StringType())
table.append(pa.table({"id": [3, 4], "added": ["x", None]}))
expect("all rows", table.scan().to_arrow().sort_by("id").to_pylist(), [
    {"id": 1, "added": None}, {"id": 2, "added": None}, {"id": 3, "added": "x"}, {"id": 4, "added": None},
])
found = table.scan(row_filter="added != 'y'")
expect("added != 'y'", sorted(found.to_arrow()["id"].to_pylist()), [1, 2, 3])
expect("its count", found.count(), 3)
frame = pl.scan_iceberg(table).filter(pl.col("added") != "y").collect()
expect("Polars", frame["id"].to_list(), [3])
table.overwrite(table.scan().to_arrow())
expect("added != 'y' once the rows are rewritten", table.scan(row_filter="added != 'y'").to_arrow()["id"].to_pylist(), [3])
PY
