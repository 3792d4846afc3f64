#!/usr/bin/env bash
# Question: dlt infers a table from rows of Python. What becomes of values that do not fit the first row's type?
# Guess: They go to a column of their own (a__v_double), as a 2.5 after a 1 does, and nothing is lost.
# What happens: After True, a 5 becomes True. After 2.5, the id 2^60 + 1 loses its last digit. A Decimal keeps nine
#   digits after the point. NaN becomes NULL, but stays NaN if it comes in an Arrow table. Of the fields titleType,
#   title_type and TitleType of one row, the last one's value is kept. All loads succeed.
# Versions: dlt 1.31.0 with duckdb 2.0.1, pyarrow 25.0.1.
# For a user: The order of the rows decides what is stored. Declare columns= for every field, or load Arrow tables.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'dlt[duckdb]==1.31.0' duckdb==2.0.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import os

os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="CRITICAL", DLT_DATA_DIR=os.getcwd())
from decimal import Decimal

import dlt
import duckdb
import pyarrow as pa

print("dlt", dlt.__version__)


def load(rows):
    """Columns, types and rows of the table that dlt makes of the rows."""
    name = f"p{len(os.listdir())}"
    pipeline = dlt.pipeline(name, destination=dlt.destinations.duckdb(f"{name}.duckdb"), dataset_name="d", pipelines_dir=f"{name}_state")
    pipeline.run(rows, table_name="t")
    with duckdb.connect(f"{name}.duckdb") as con:
        types = con.execute("select column_name, column_type from (describe d.t) where column_name not like '@_dlt%' escape '@'").fetchall()
        return dict(types), con.execute(f"select {', '.join(name for name, _ in types)} from d.t").fetchall()


nan = float("nan")
expect("1, 2.5", load([{"a": 1}, {"a": 2.5}]), ({"a": "BIGINT", "a__v_double": "DOUBLE"}, [(1, None), (None, 2.5)]))
expect("True, 5", load([{"a": True}, {"a": 5}]), ({"a": "BOOLEAN"}, [(True,), (True,)]))
expect("2.5, 2^60 + 1", load([{"a": 2.5}, {"a": 2**60 + 1}]), ({"a": "DOUBLE"}, [(2.5,), (float(2**60),)]))
expect("a decimal", load([{"a": Decimal("1.123456789012")}]), ({"a": "DECIMAL(38,9)"}, [(Decimal("1.123456789"),)]))
expect("NaN", load([{"a": 1.0}, {"a": nan}]), ({"a": "DOUBLE"}, [(1.0,), (None,)]))
expect("NaN from Arrow", load(pa.table({"a": [1.0, nan]})), ({"a": "DOUBLE"}, [(1.0,), (nan,)]))
expect("three names", load([{"titleType": 1, "title_type": 2, "TitleType": 3}]), ({"title_type": "BIGINT"}, [(3,)]))
PY
