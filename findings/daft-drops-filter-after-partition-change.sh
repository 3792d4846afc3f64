#!/usr/bin/env bash
# Question: An Iceberg table becomes partitioned by a column after rows were written. Does Daft filter the
#   older files by it?
# Guess: Yes: the partition is only a way to skip files; the rows still have to be compared.
# What happens: Daft takes a filter on an identity partition column as answered by the partitions and does
#   not apply it to rows. Files written under the older spec come back whole: where k = 'a' returns rows
#   with k = 'b'. DataFusion, DuckDB, Polars and pyiceberg are right.
# Versions: daft 0.7.26, pyiceberg 0.12.0.
# For a user: Wrong rows in silence from the day the partitioning is changed until old files are rewritten.
#   Collect before the filter, or rewrite the old files.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile daft==0.7.26 'pyiceberg[sql-sqlite,pyarrow]==0.12.0'

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


import daft

print("daft", daft.__version__)
table = create("t", pa.table({"id": [1, 2], "k": ["a", "b"]}))
with table.update_spec() as spec:
    spec.add_identity("k")
table.append(pa.table({"id": [3, 4], "k": ["a", "b"]}))
expect("pyiceberg", sorted(table.scan(row_filter="k = 'a'").to_arrow()["id"].to_pylist()), [1, 3])
frame = daft.read_iceberg(table)
rows = frame.where(frame["k"] == "a").sort("id").to_pydict()
expect("Daft, k == 'a'", rows, {"id": [1, 2, 3], "k": ["a", "b", "a"]})
held = frame.collect()
expect("Daft, collected before the filter", held.where(held["k"] == "a").sort("id").to_pydict()["id"], [1, 3])
PY
