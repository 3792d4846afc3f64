#!/usr/bin/env bash
# Question: A sum of BIGINT is a whole number in DuckDB (HUGEINT). What does COPY ... TO Parquet write for
#   it?
# Guess: A whole number: the value fits in a DECIMAL(38, 0), and that is what the Arrow output uses.
# What happens: The Parquet column is DOUBLE: 9007199254740993 is written as 9007199254740992. The same
#   relation by way of Arrow keeps it as decimal(38, 0). Nothing warns.
# Versions: duckdb 2.0.0, pyarrow 25.0.0.
# For a user: Aggregates saved as Parquet lose their last digits beyond 2^53. Cast sums to BIGINT (which
#   raises when they do not fit) before COPY.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 pyarrow==25.0.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import duckdb
import pyarrow.parquet as pq

print("duckdb", duckdb.__version__)
con = duckdb.connect()
query = "select sum(x) as total from (values (9007199254740992::bigint), (1::bigint)) t(x)"
expect("type in DuckDB", con.sql(query).types[0].__str__(), "HUGEINT")
expect("value in DuckDB", con.sql(query).fetchall()[0][0], 9007199254740993)
expect("value through Arrow", int(con.sql(query).to_arrow_table()["total"][0].as_py()), 9007199254740993)
con.execute(f"copy ({query}) to 'sum.parquet'")
expect("type in Parquet", str(pq.read_schema("sum.parquet").field("total").type), "double")
expect("value in Parquet", int(pq.read_table("sum.parquet")["total"][0].as_py()), 9007199254740992)
con.execute(f"copy (select total::bigint as total from ({query})) to 'cast.parquet'")
expect("after a cast to BIGINT", pq.read_table("cast.parquet")["total"][0].as_py(), 9007199254740993)
PY
