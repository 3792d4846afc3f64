#!/usr/bin/env bash
# Question: DuckDB's UHUGEINT holds numbers up to 2^128 - 1. Does its Arrow output carry them?
# Guess: An error, or a wider type: Arrow has no unsigned 128-bit integer.
# What happens: The bits are handed over as decimal128(38, 0), a signed number: the largest value arrives as
#   -1, 2^127 as a negative number of 39 digits, with no error. Polars prints the same. The Python client's
#   own fetch gives the right number.
# Versions: duckdb 2.0.0, pyarrow 25.0.0, polars 2.1.0.
# For a user: Hashes and sums kept as UHUGEINT (md5_number does) change value on the way to Polars or
#   Iceberg. Cast to VARCHAR before handing over.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 pyarrow==25.0.0 polars==2.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import duckdb

print("duckdb", duckdb.__version__)
con = duckdb.connect()
query = "select (2::double ** 127)::uhugeint as n union all select 340282366920938463463374607431768211455::uhugeint order by 1"
rows = [row[0] for row in con.sql(query).fetchall()]
expect("Python client", rows, [170141183460469231731687303715884105728, 340282366920938463463374607431768211455])
table = con.sql(query).to_arrow_table()
expect("Arrow type", str(table.schema.field("n").type), "decimal128(38, 0)")
expect("Arrow", [int(n) for n in table["n"].to_pylist()], [-170141183460469231731687303715884105728, -1])
expect("Polars", [int(n) for n in con.sql(query).pl()["n"].tail(1)], [-1])
PY
