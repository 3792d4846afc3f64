#!/usr/bin/env bash
# Question: A Polars or Arrow table with an unsigned column is appended to an Iceberg table. What is in the
#   file?
# Guess: Iceberg has no unsigned types, so an error, or a file with the signed type of the schema.
# What happens: The schema says long, the Parquet file says UINT_64, and pyiceberg gives uint64 back.
#   Polars' own reader then refuses the table (UInt64 is not Int64); its reader_override='pyiceberg' reads
#   it. uint32 becomes int, not long: values above 2147483647 fail while the statistics are written.
# Versions: pyiceberg 0.12.0, polars 2.1.0.
# For a user: pl.len(), ranks and hashes are unsigned in Polars: a table made of them cannot be read back by
#   the same Polars. Cast to Int64 before the append.
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


import struct

import polars as pl
import pyarrow.parquet as pq

rows = pl.DataFrame({"kind": ["a", "a", "b"]}).group_by("kind").agg(films=pl.len().cast(pl.UInt64)).sort("kind").to_arrow()
table = create("t", rows.cast(pa.schema([("kind", pa.string()), ("films", pa.uint64())])))
expect("type in the schema", str(table.schema().find_field("films").field_type), "long")
file = table.inspect.files()["file_path"][0].as_py().removeprefix("file://")
expect("type in the file", str(pq.ParquetFile(file).schema_arrow.field("films").type), "uint64")
expect("type pyiceberg gives back", str(table.scan().to_arrow().schema.field("films").type), "uint64")
try:
    pl.scan_iceberg(table, reader_override="native").collect()
    answer = "reads"
except pl.exceptions.SchemaError as error:
    answer = "SchemaError"
expect("Polars' own reader", answer, "SchemaError")
expect("Polars with pyiceberg's", pl.scan_iceberg(table, reader_override="pyiceberg").collect()["films"].to_list(), [2, 1])
small = create("small", pa.table({"n": pa.array([1], pa.uint32())}))
expect("uint32 becomes", str(small.schema().find_field("n").field_type), "int")
try:
    small.append(pa.table({"n": pa.array([3_000_000_000], pa.uint32())}))
    answer = "written"
except struct.error:
    answer = "struct.error"
expect("3,000,000,000", answer, "struct.error")
PY
