#!/usr/bin/env bash
# Question: A JSON Lines file has 64-bit hashes as ids. One is above 2^63. What do readers make of the column?
# Guess: UINT64, or an error; each value is a whole number.
# What happens: DuckDB and Polars read 128-bit integers. pyarrow and DataFusion read the whole column as DOUBLE,
#   so that 9007199254740993 and 9007199254740992 become one id; Daft makes texts of all. Without the large
#   number all read INT64, so it depends on the day's file.
# Versions: pyarrow 25.0.1, datafusion 54.1.0, daft 0.7.26, polars 2.1.0, duckdb 2.0.0.
# For a user: Ids are merged and joins multiply, on the day the first large hash comes. Give the schema, or
#   write ids as texts.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 pyarrow==25.0.1 duckdb==2.0.0 datafusion==54.1.0 daft==0.7.26

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import daft
import datafusion
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.json

print("pyarrow", pa.__version__, "datafusion", datafusion.__version__, "daft", daft.__version__)


def read(ids):
    """Type and number of different ids, by reader."""
    with open("ids.json", "w") as file:
        file.writelines(f'{{"id": {value}}}\n' for value in ids)
    tables = {
        "duckdb": duckdb.sql("from 'ids.json'").to_arrow_table(),
        "pyarrow": pyarrow.json.read_json("ids.json"),
        "datafusion": datafusion.SessionContext().read_json("ids.json").to_arrow_table(),
        "daft": daft.read_json("ids.json").to_arrow(),
    }
    polars = pl.read_ndjson("ids.json")["id"]
    return {"polars": (str(polars.dtype), polars.n_unique())} | {
        name: (str(table["id"].type), len(set(table["id"].to_pylist()))) for name, table in tables.items()
    }


ids = [2**53, 2**53 + 1, 2**62]
expect("up to 2^62", read(ids), {"polars": ("Int64", 3)} | dict.fromkeys(("duckdb", "pyarrow", "datafusion", "daft"), ("int64", 3)))
found = {"polars": ("Int128", 4), "duckdb": ("decimal128(38, 0)", 4), "pyarrow": ("double", 3), "datafusion": ("double", 3), "daft": ("large_string", 4)}
expect("and one of 2^63", read([*ids, 2**63]), found)
PY
