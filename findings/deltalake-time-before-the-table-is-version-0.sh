#!/usr/bin/env bash
# Question: A Delta table is read as of a time before its first version by delta-rs and Polars.
# Guess: An error, or no rows.
# What happens: Both return version 0, with its rows. So does any time after the last version return the last
#   one, as it should.
# Versions: deltalake 1.6.6, polars 2.1.0.
# For a user: A back test "as it was in 2000" learns from data that did not exist: point-in-time is broken
#   silently. Compare with the first timestamp of history() first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile deltalake==1.6.6 polars==2.1.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import datetime as dt
import warnings

warnings.filterwarnings("ignore")
import deltalake
import polars as pl
import pyarrow as pa

print("deltalake", deltalake.__version__)
deltalake.write_deltalake("t", pa.table({"id": [1]}))
deltalake.write_deltalake("t", pa.table({"id": [2]}), mode="append")
table = deltalake.DeltaTable("t")
first = min(entry["timestamp"] for entry in table.history()) / 1000
expect("the table is younger", first > dt.datetime(2020, 1, 1).timestamp(), True)


def read(time):
    """delta-rs' version, and the ids of Polars."""
    table.load_as_version(time)
    return table.version(), sorted(pl.read_delta("t", version=time)["id"].to_list())


expect("as of 2000", read(dt.datetime(2000, 1, 1, tzinfo=dt.UTC)), (0, [1]))
expect("as of 2200", read(dt.datetime(2200, 1, 1, tzinfo=dt.UTC)), (1, [1, 2]))
PY
