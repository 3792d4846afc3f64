#!/usr/bin/env bash
# Question: An Iceberg table is partitioned by day or month of a timestamp. Does DuckDB's iceberg extension
#   find a row of 1950 by its time?
# Guess: Yes, as rows of 2024: the transform is defined by the specification (rounded down, also below
#   zero).
# What happens: For times before 1970 it looks into the partition after the right one (rounded towards zero)
#   and returns no row, for =, IN and BETWEEN. pyiceberg and Polars return it. Partitions by year are right,
#   and so is 2024.
# Versions: duckdb 1.5.5 with the wheels duckdb-extension-iceberg and -avro 1.5.5, pyiceberg 0.12.0.
# For a user: Rows exist in a full scan and vanish when asked for by time. Partition old dates by year or by
#   an integer column such as the decade.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-iceberg==1.5.5 duckdb-extension-avro==1.5.5 \
  pyiceberg-core==0.11.0 'pyiceberg[sql-sqlite,pyarrow]==0.12.0'

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


import datetime as dt

import duckdb
from duckdb_extensions import import_extension
from pyiceberg.transforms import DayTransform, MonthTransform, YearTransform

print("duckdb", duckdb.__version__)
import_extension("avro")
import_extension("iceberg")
con = duckdb.connect()
con.execute("load avro; load iceberg")
old, new = dt.datetime(1950, 6, 15, 12), dt.datetime(2024, 6, 15, 12)
rows = pa.table({"id": [1, 2], "seen": pa.array([old, new], pa.timestamp("us"))})
for name, transform, found in (("day", DayTransform(), []), ("month", MonthTransform(), []), ("year", YearTransform(), [1])):
    table = create(name, rows, ("seen", transform, "part"))
    metadata = table.metadata_location.removeprefix("file://")

    def ids(condition):
        query = f"select id from iceberg_scan('{metadata}') where {condition} order by id"
        return [row[0] for row in con.sql(query).fetchall()]

    expect(f"by {name}: all", ids("true"), [1, 2])
    expect(f"by {name}: 2024", ids(f"seen = timestamp '{new}'"), [2])
    expect(f"by {name}: 1950", ids(f"seen = timestamp '{old}'"), found)
    expect(f"by {name}: an hour around it", ids("seen between timestamp '1950-06-15 11:30:00' and timestamp '1950-06-15 12:30:00'"), found)
    expect(f"by {name}: 1950 with pyiceberg", table.scan(row_filter=f"seen = '{old.isoformat()}'").to_arrow()["id"].to_pylist(), [1])
PY
