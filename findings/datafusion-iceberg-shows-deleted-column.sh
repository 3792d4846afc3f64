#!/usr/bin/env bash
# Question: A column is deleted from an Iceberg table and a new one added under the same name, and nothing
#   written since. What does the DataFusion table of pyiceberg-core show?
# Guess: Nulls for the new column, as pyiceberg, Polars and DuckDB do: columns go by id, not by name.
# What happens: It looks the names up in the schema of the last snapshot: the values of the deleted column
#   are back. After two names were swapped each column shows the values of the other. The next write makes
#   it right.
# Versions: datafusion 54.1.0 with pyiceberg-core 0.11.0, pyiceberg 0.12.0.
# For a user: Data taken out of a table by a schema change are shown under the new column, or under a wrong
#   name. Write a snapshot after a schema change.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datafusion==54.1.0 pyiceberg-core==0.11.0 'pyiceberg[sql-sqlite,pyarrow]==0.12.0'

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


import datafusion
from pyiceberg_core.datafusion import IcebergDataFusionTable

print("datafusion", datafusion.__version__)


def read(name):
    table = catalog.load_table(f"n.{name}")
    context = datafusion.SessionContext()
    provider = IcebergDataFusionTable(
        identifier=table.name(), metadata_location=table.metadata_location, file_io_properties=table.io.properties
    )
    context.register_table("t", provider)
    return context.sql("select * from t order by id").to_pydict()


table = create("again", pa.table({"id": [1], "note": ["private"]}))
with table.update_schema() as change:
    change.delete_column("note")
with table.update_schema() as change:
    change.add_column("note", StringType())
expect("dropped and added, pyiceberg", table.scan().to_arrow().to_pydict(), {"id": [1], "note": [None]})
expect("dropped and added, DataFusion", read("again"), {"id": [1], "note": ["private"]})
table.append(pa.table({"id": [2], "note": ["public"]}))
expect("after an append, DataFusion", read("again"), {"id": [1, 2], "note": [None, "public"]})
table = create("swapped", pa.table({"id": [1], "a": ["A"], "b": ["B"]}))
for old, new in (("a", "c"), ("b", "a"), ("c", "b")):
    with table.update_schema() as change:
        change.rename_column(old, new)
expect("names swapped, pyiceberg", table.scan(selected_fields=("a", "b")).to_arrow().to_pydict(), {"b": ["A"], "a": ["B"]})
expect("names swapped, DataFusion", read("swapped"), {"id": [1], "b": ["B"], "a": ["A"]})
PY
