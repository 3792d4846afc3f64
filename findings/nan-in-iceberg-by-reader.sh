#!/usr/bin/env bash
# Question: One Iceberg table, one NaN, the filter v > 2. Do pyiceberg and Polars return the same rows?
# Guess: Yes: Polars plans the scan of an Iceberg table with pyiceberg.
# What happens: pyiceberg leaves NaN out of v > 2 (and lets it into not (v > 2)). Polars takes NaN as
#   greater than all numbers and returns it, with either of its readers. So table.delete('v > 2') leaves a
#   row that Polars still finds with v > 2.
# Versions: pyiceberg 0.12.0, polars 2.1.0.
# For a user: A clean-up by pyiceberg does not remove what a check by Polars reports. Treat NaN on its own
#   (is nan).
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

table = create("t", pa.table({"id": [1, 2, 3, 4], "v": [1.0, 3.0, float("nan"), None]}))


def ids(condition):
    return table.scan(row_filter=condition).to_arrow()["id"].to_pylist()


expect("pyiceberg, v > 2", ids("v > 2"), [2])
expect("pyiceberg, not (v > 2)", ids("not (v > 2)"), [1, 3])
for reader in ("native", "pyiceberg"):
    frame = pl.scan_iceberg(table, reader_override=reader).filter(pl.col("v") > 2).collect()
    expect(f"Polars, reader {reader}, v > 2", frame["id"].to_list(), [2, 3])
table.delete("v > 2")
expect("Polars, v > 2, after pyiceberg deleted v > 2", pl.scan_iceberg(table).filter(pl.col("v") > 2).collect()["id"].to_list(), [3])
PY
