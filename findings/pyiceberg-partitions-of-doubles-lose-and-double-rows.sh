#!/usr/bin/env bash
# Question: An Iceberg table is partitioned by a DOUBLE, as it is (identity), with pyiceberg. Does a filter find 0.1,
#   and are all rows there once?
# Guess: Yes; the specification allows it, and an integer column works.
# What happens: pyiceberg stores the partition value 0.1 with the precision of a float. "v = 0.1" is compared with
#   0.10000000149, and pyiceberg, Polars and Daft skip the file: no row. 1.5, which is exact as a float, is found. If
#   an append has both 0.0 and -0.0, each of the two rows is written twice. An append with a NaN fails with
#   ZeroDivisionError.
# Versions: pyiceberg 0.12.0, polars 2.1.0, daft 0.7.26.
# For a user: A scan without a filter shows rows that no filter finds, and sums are too large. Partition by truncated
#   integers or bucketed keys, never by floats.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile daft==0.7.26 polars==2.1.0 pyarrow==25.0.1 pyiceberg-core==0.11.0 'pyiceberg[sql-sqlite,pyarrow]==0.12.0'

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import os
import warnings

warnings.filterwarnings("ignore")
import daft
import polars as pl
import pyarrow as pa
import pyiceberg
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.transforms import IdentityTransform

print("pyiceberg", pyiceberg.__version__)
catalog = SqlCatalog("lake", uri=f"sqlite:///{os.getcwd()}/catalog.db", warehouse=f"file://{os.getcwd()}/lake")
catalog.create_namespace("n")


def create(name, values):
    rows = pa.table({"v": pa.array(values, pa.float64())})
    table = catalog.create_table(f"n.{name}", schema=rows.schema)
    with table.update_spec() as spec:
        spec.add_field("v", IdentityTransform(), "part")
    table.append(rows)
    return table


def found(table, value):
    """How many rows pyiceberg, Polars and Daft find."""
    return (
        table.scan(row_filter=f"v = {value!r}").to_arrow().num_rows,
        pl.scan_iceberg(table).filter(pl.col("v") == value).collect().height,
        daft.read_iceberg(table).where(daft.col("v") == value).count_rows(),
    )


table = create("ratings", [0.1, 1.5])
expect("all", sorted(table.scan().to_arrow()["v"].to_pylist()), [0.1, 1.5])
expect("stored as partitions", sorted(entry["partition"]["part"] for entry in table.inspect.files().to_pylist()), [0.10000000149011612, 1.5])
expect("1.5", found(table, 1.5), (1, 1, 1))
expect("0.1", found(table, 0.1), (0, 0, 0))
zeros = create("zeros", [0.0, -0.0]).scan().to_arrow()["v"].to_pylist()
expect("0.0 and -0.0", sorted(map(str, zeros)), ["-0.0", "-0.0", "0.0", "0.0"])
try:
    create("missing", [float("nan")])
    expect("NaN", "written", "ZeroDivisionError")
except ZeroDivisionError:
    print("NaN: ZeroDivisionError")
PY
