#!/usr/bin/env bash
# Question: A Parquet file has a Bloom filter. Does DuckDB find the same rows with it as without it?
# Guess: Yes. A Bloom filter says "perhaps" or "certainly not", so it can only spare work.
# What happens: Not for types that DuckDB reads as another type. It reads half floats (float16) as FLOAT and decimals of
#   more than 38 digits as DOUBLE, hashes the FLOAT or DOUBLE, and looks for this hash among the hashes of the stored
#   bytes: "= 1" finds no row, and neither does "in". Ranges, and a computed "v + 0 = 1", are right. Polars finds the
#   half floats, DataFusion both.
# Versions: duckdb 2.0.1 (also 2.0.0 and 1.5.5), pyarrow 25.0.1, polars 2.1.0, datafusion 55.0.0.
# For a user: pyarrow writes Bloom filters since version 25, if asked to. Leave such columns out of
#   bloom_filter_options, or write float32.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.1 pyarrow==25.0.1 polars==2.1.0 datafusion==55.0.0 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from decimal import Decimal

import datafusion
import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

print("duckdb", duckdb.__version__, "| pyarrow", pa.__version__, "| datafusion", datafusion.__version__)
half = pa.array(np.array([1, 2] * 50, np.float16))
wide = pa.array([Decimal("1.50"), Decimal("2.00")] * 50, pa.decimal256(50, 2))
options = {"bloom_filter_options": {"v": {"ndv": 10, "fpp": 0.01}}}
for name, column in (("half", half), ("wide", wide)):
    pq.write_table(pa.table({"v": column}), f"{name}.parquet")
    pq.write_table(pa.table({"v": column}), f"{name}_bloom.parquet", **options)


def by_duckdb(name, condition):
    return duckdb.connect().execute(f"select count(*) from '{name}.parquet' where {condition}").fetchone()[0]


def by_datafusion(name, condition):
    context = datafusion.SessionContext()
    context.register_parquet("rows", f"{name}.parquet")
    return context.sql(f"select count(*) as n from rows where {condition}").to_pylist()[0]["n"]


for condition, found in (("v = 1", 0), ("v in (1, 7)", 0), ("v between 0.9 and 1.1", 50), ("v + 0 = 1", 50)):
    expect(f"half float, {condition}: DuckDB", by_duckdb("half", condition), 50)
    expect(f"half float, {condition}: DuckDB with a Bloom filter", by_duckdb("half_bloom", condition), found)
expect("half float, v = 1: DataFusion with a Bloom filter", by_datafusion("half_bloom", "v = 1"), 50)
expect("half float, v = 1: Polars with a Bloom filter", pl.scan_parquet("half_bloom.parquet").filter(pl.col("v") == 1).collect().height, 50)
expect("50 digits, v = 1.5: DuckDB", by_duckdb("wide", "v = 1.5"), 50)
expect("50 digits, v = 1.5: DuckDB with a Bloom filter", by_duckdb("wide_bloom", "v = 1.5"), 0)
expect("50 digits, v = 1.5: DataFusion with a Bloom filter", by_datafusion("wide_bloom", "v = 1.5"), 50)
PY
