#!/usr/bin/env bash
# Question: An Iceberg table is partitioned by bucket(16) of a DECIMAL(9, 2). Does Daft find a row by its
#   amount?
# Guess: Yes, as it does for buckets of texts, integers, dates and times; the specification gives the hash byte
#   by byte.
# What happens: Daft computes another bucket for many amounts: -1.05, -0.01, 0.00, 1.28 and 327.68 are not
#   found, 1.05, 1.27 and 10.65 are. There is no error. pyiceberg and Polars find all, and so does Daft without
#   the partition, or with a range.
# Versions: daft 0.7.26, pyiceberg 0.12.0, polars 2.1.0.
# For a user: Whether a row exists depends on its value. Do not partition by buckets of decimals if Daft reads
#   the table.
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
import pyarrow as pa
import pyiceberg
from pyiceberg.catalog.sql import SqlCatalog

catalog = SqlCatalog("lake", uri=f"sqlite:///{os.getcwd()}/catalog.db", warehouse=f"file://{os.getcwd()}/lake")
catalog.create_namespace("n")
print("pyiceberg", pyiceberg.__version__)
from decimal import Decimal

import daft
import polars as pl
from pyiceberg.transforms import BucketTransform

print("daft", daft.__version__)
amounts = [Decimal(text) for text in ("-1.05", "-0.01", "0.00", "1.05", "1.27", "1.28", "10.65", "327.68")]
rows = pa.table({"amount": pa.array(amounts, pa.decimal128(9, 2))})


def create(name, partitioned):
    table = catalog.create_table(f"n.{name}", schema=rows.schema)
    if partitioned:
        with table.update_spec() as spec:
            spec.add_field("amount", BucketTransform(16), "part")
    table.append(rows)
    return table


def found(table):
    """How many rows pyiceberg, Polars, Daft, and Daft with a range find for each amount."""
    frame, amount = daft.read_iceberg(table), daft.col("amount")
    return (
        [table.scan(row_filter=f"amount = {value}").to_arrow().num_rows for value in amounts],
        [pl.scan_iceberg(table).filter(pl.col("amount") == value).collect().height for value in amounts],
        [frame.where(amount == daft.lit(value)).count_rows() for value in amounts],
        [frame.where((amount >= daft.lit(value)) & (amount <= daft.lit(value))).count_rows() for value in amounts],
    )


every = [1] * 8
expect("without a partition", found(create("plain", partitioned=False)), (every, every, every, every))
expect("by bucket", found(create("bucket", partitioned=True)), (every, every, [0, 0, 0, 1, 1, 0, 1, 0], every))
PY
