#!/usr/bin/env bash
# Question: A Delta table is partitioned by an amount, DECIMAL(10,2). A row with -1.05 is appended. What happens to
#   the table?
# Guess: The row is stored, or the append is refused and the table stays as it was.
# What happens: The append raises an error, but it was committed: the log has the partition value "-1.-5". From then
#   on no reader opens the table, not even for the older rows, and no append or delete succeeds: delta-rs, Polars and
#   DuckDB all fail. Version 0 can still be read by its number. -0.05 becomes "0.-5". Negative decimals without a
#   fraction (-5), and in columns that are not partitions, are stored rightly.
# Versions: deltalake 1.6.6, polars 2.1.0, duckdb 1.5.5 with the wheel duckdb-extension-delta 1.5.5.
# For a user: One valid row makes the whole table unreadable. Partition by an integer, such as cents or a bucket; to
#   repair, write the rows of the last good version to a new table.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile deltalake==1.6.6 polars==2.1.0 pyarrow==25.0.1 duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-delta==1.5.5

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json
import pathlib
from decimal import Decimal

import deltalake
import duckdb
import polars as pl
import pyarrow as pa
from duckdb_extensions import import_extension

print("deltalake", deltalake.__version__, "| polars", pl.__version__, "| duckdb", duckdb.__version__)
import_extension("delta")
con = duckdb.connect()
con.execute("load delta")


def rows(amount, scale=2):
    return pa.table({"id": [1], "amount": pa.array([Decimal(amount)], pa.decimal128(10, scale))})


def outcome(call):
    """What the call returns, or that it failed."""
    try:
        return call()
    except Exception as error:
        print("   ", str(error).splitlines()[0][:110])
        return "error"


def partitions(table):
    """The partition values in the log."""
    entries = [json.loads(line) for path in sorted(pathlib.Path(table, "_delta_log").glob("*.json")) for line in path.read_text().splitlines()]
    return [entry["add"]["partitionValues"]["amount"] for entry in entries if "add" in entry]


deltalake.write_deltalake("sales", rows("1.10"), partition_by=["amount"])


def append(amount):
    return deltalake.write_deltalake("sales", rows(amount), mode="append")


expect("append of -1.05", outcome(lambda: append("-1.05")), "error")
expect("the log", partitions("sales"), ["1.10", "-1.-5"])
expect("deltalake", outcome(lambda: deltalake.DeltaTable("sales").version()), "error")
expect("Polars", outcome(lambda: pl.read_delta("sales").height), "error")
expect("DuckDB", outcome(lambda: con.execute("select count(*) from delta_scan('sales')").fetchall()), "error")
expect("append of 2.20", outcome(lambda: append("2.20")), "error")
expect("version 0", deltalake.DeltaTable("sales", version=0).to_pyarrow_table()["amount"].to_pylist(), [Decimal("1.10")])
deltalake.write_deltalake("whole", rows("-5", scale=0), partition_by=["amount"])
expect("-5 as DECIMAL(10,0)", pl.read_delta("whole")["amount"].to_list(), [Decimal("-5")])
deltalake.write_deltalake("unpartitioned", rows("-1.05"))
expect("-1.05, not a partition", pl.read_delta("unpartitioned")["amount"].to_list(), [Decimal("-1.05")])
PY
