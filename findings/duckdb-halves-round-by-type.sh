#!/usr/bin/env bash
# Question: CAST(2.5 AS INTEGER) in DuckDB: one rule for all numbers?
# Guess: One rule, whatever the type of 2.5.
# What happens: A literal 2.5 is a DECIMAL and rounds half away from zero (3); the same number as DOUBLE
#   rounds half to even (2). round() rounds half away for both. So a rule tried on literals fails on a
#   column of doubles.
# Versions: duckdb 2.0.0.
# For a user: Tests with literals prove nothing about float columns. Write round(x)::integer, which is the
#   same for both.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import duckdb

print("duckdb", duckdb.__version__)
con = duckdb.connect()


def cast(values, kind):
    return [row[0] for row in con.sql(f"select x::{kind}::integer from (select unnest({values}) as x)").fetchall()]


values = "[0.5, 1.5, 2.5, 3.5, -2.5]"
expect("type of a literal", con.sql("select typeof(2.5)").fetchall()[0][0], "DECIMAL(2,1)")
expect("decimals", cast(values, "decimal(3,1)"), [1, 2, 3, 4, -3])
expect("doubles", cast(values, "double"), [0, 2, 2, 4, -2])
rounded = con.sql(f"select round(x::double)::integer from (select unnest({values}) as x)").fetchall()
expect("round(double)", [row[0] for row in rounded], [1, 2, 3, 4, -3])
PY
