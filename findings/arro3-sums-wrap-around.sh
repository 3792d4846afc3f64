#!/usr/bin/env bash
# Question: arro3, the small library for Arrow data, adds up four columns: numbers of 8, 32 and 64 bits, and unsigned
#   bytes. What are the totals?
# Guess: Wide enough, as DuckDB's; or an error, as by arro3's add, next to which there is add_wrapping.
# What happens: sum wraps around in the type of the column, without an error: 100 + 100 of 8 bits is -56, 255 + 1 is 0,
#   and 2^31 - 1 and 1 of 32 bits are -2147483648. pyarrow widens to 64 bits first; at 64 bits both wrap around, where
#   DuckDB adds up 128 bits. arro3's add raises for the same numbers.
# Versions: arro3-compute 0.9.1, arro3-core 0.9.1, pyarrow 26.0.1, duckdb 2.0.1.
# For a user: Cast to int64 before sum; for ids or hashes, sum in DuckDB.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile arro3-core==0.9.1 arro3-compute==0.9.1 pyarrow==26.0.1 duckdb==2.0.1

venv/bin/python - <<'PY'
import sys
from importlib.metadata import version


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import arro3.compute
import duckdb
import pyarrow as pa
import pyarrow.compute

print("arro3", version("arro3-compute"), "| pyarrow", pa.__version__, "| duckdb", duckdb.__version__)
columns = {"int8": [100, 100], "uint8": [255, 1], "int32": [2**31 - 1, 1], "int64": [2**62, 2**62]}
arrays = {name: pa.array(values, getattr(pa, name)()) for name, values in columns.items()}
expect("arro3", {name: arro3.compute.sum(array).as_py() for name, array in arrays.items()}, {"int8": -56, "uint8": 0, "int32": -(2**31), "int64": -(2**63)})
expect("pyarrow", {name: pa.compute.sum(array).as_py() for name, array in arrays.items()}, {"int8": 200, "uint8": 256, "int32": 2**31, "int64": -(2**63)})
totals = pa.table(arrays)
expect("duckdb", duckdb.sql("select sum(int8), sum(uint8), sum(int32), sum(int64) from totals").fetchall(), [(200, 256, 2**31, 2**63)])
try:
    print("arro3, add:", arro3.compute.add(arrays["int64"], arrays["int64"]))
    sys.exit("CHANGED: add raised")
except Exception as error:
    print("arro3, add:", error)
PY
