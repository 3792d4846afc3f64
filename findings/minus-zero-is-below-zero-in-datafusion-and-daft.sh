#!/usr/bin/env bash
# Question: A column holds 0.0 and -0.0. How many rows meet v = 0 and v >= 0?
# Guess: All in every engine: IEEE 754 and SQL hold the two zeros equal.
# What happens: Polars, DuckDB and pyarrow say all. DataFusion and Daft order floats by total order: -0.0 is
#   not 0.0 and is less than 0, so v = 0 finds half and v < 0 finds the rest.
# Versions: datafusion 54.1.0, daft 0.7.26, polars 2.1.0, duckdb 2.0.0, pyarrow 25.0.0.
# For a user: -0.0 comes from rounding small negatives or from 0 * -1 (a residual, say). Rows move between
#   'negative' and 'not negative' with the engine. Add 0.0 to the column before writing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 datafusion==54.1.0 daft==0.7.26 pyarrow==25.0.0 polars==2.1.0

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
import pyarrow.dataset as ds
import pyarrow.compute as pc
import pyarrow.parquet as pq

print("datafusion", datafusion.__version__, "daft", daft.__version__, "polars", pl.__version__, "duckdb", duckdb.__version__)
pq.write_table(pa.table({"v": [0.0, -0.0, 1.0]}), "zeros.parquet")
conditions = ["v = 0.0", "v >= 0.0", "v < 0.0"]
context = datafusion.SessionContext()
context.register_parquet("t", "zeros.parquet")
frame = daft.read_parquet("zeros.parquet")
v, field = pl.col("v"), pc.field("v")
scan, dataset = pl.scan_parquet("zeros.parquet"), ds.dataset("zeros.parquet")
expect("Polars", [scan.filter(c).collect().height for c in (v == 0, v >= 0, v < 0)], [2, 3, 0])
expect("pyarrow", [dataset.count_rows(filter=c) for c in (field == 0, field >= 0, field < 0)], [2, 3, 0])
expect("DuckDB", [duckdb.sql(f"select count(*) from 'zeros.parquet' where {c}").fetchall()[0][0] for c in conditions], [2, 3, 0])
expect("DataFusion", [context.sql(f"select count(*) as n from t where {c}").to_pydict()["n"][0] for c in conditions], [1, 2, 1])
expect("Daft", [daft.sql(f"select count(*) as n from frame where {c}").to_pydict()["n"][0] for c in conditions], [1, 2, 1])
PY
