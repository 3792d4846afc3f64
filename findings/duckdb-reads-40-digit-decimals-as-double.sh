#!/usr/bin/env bash
# Question: A Parquet file has a column DECIMAL(40, 2), which Arrow and Spark's sums of large decimals can
#   write. How does DuckDB read it, whose decimals end at 38 digits?
# Guess: It refuses, as Polars does, or reads it as a wider type.
# What happens: It reads a DOUBLE, without a word: 12345678901234567890.12 and .13 are one value,
#   count(distinct) is 1 of 2, a join finds four pairs, and the cast to DECIMAL(38, 2) invents digits. Even
#   values that would fit into 38 digits lose theirs: the declared precision decides.
# Versions: duckdb 2.0.0, polars 2.1.0, pyarrow 25.0.1, datafusion 54.1.0.
# For a user: Cents of large amounts, and ids kept as decimals, are merged. Cast to decimal128(38, 2) before
#   writing, and look at typeof() after reading.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 polars==2.1.0 pyarrow==25.0.1 datafusion==54.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

from decimal import Decimal

import datafusion
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

print("duckdb", duckdb.__version__, "polars", pl.__version__, "datafusion", datafusion.__version__)
values = [Decimal("12345678901234567890.12"), Decimal("12345678901234567890.13")]
pq.write_table(pa.table({"id": [1, 2], "amount": pa.array(values, pa.decimal256(40, 2))}), "wide.parquet")
pq.write_table(pa.table({"id": [1, 2], "amount": pa.array(values, pa.decimal128(38, 2))}), "narrow.parquet")


def ask(query):
    return [duckdb.sql(query.format(f"'{name}.parquet'")).fetchall() for name in ("narrow", "wide")]


expect("type", ask("select any_value(typeof(amount)) from {}"), [[("DECIMAL(38,2)",)], [("DOUBLE",)]])
expect("different amounts", ask("select count(distinct amount) from {}"), [[(2,)], [(1,)]])
expect("pairs of a join", ask("select count(*) from {0} a join {0} b using (amount)"), [[(2,)], [(4,)]])
back = ask("select amount::decimal(38, 2)::varchar from {} order by id limit 1")
expect("cast to decimal", back, [[("12345678901234567890.12",)], [("12345678901234567741.44",)]])
expect("pyarrow", pq.read_table("wide.parquet")["amount"].to_pylist(), values)
context = datafusion.SessionContext()
context.register_parquet("t", "wide.parquet")
expect("DataFusion", context.sql("select count(distinct amount) as n from t").to_pydict()["n"], [2])
try:
    polars = str(pl.read_parquet("wide.parquet")["amount"].dtype)
except pl.exceptions.PolarsError as error:
    polars = type(error).__name__
expect("Polars", polars, "InvalidOperationError")
PY
