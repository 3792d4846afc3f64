#!/usr/bin/env bash
# Question: An INTERVAL of 12 months leaves DuckDB for Python or pandas. What is it there?
# Guess: 365 days, or an object with months, or an error.
# What happens: A timedelta of 360 days: each month counts 30 days, so 1 year and 360 days are one value.
#   Added to a date in Python it lands five days before the date that DuckDB computes. Through Arrow the
#   months survive (MonthDayNano).
# Versions: duckdb 2.0.0, pandas 2.3.3, pyarrow 25.0.0.
# For a user: Ages and release windows computed partly in SQL and partly in Python drift by five days a
#   year. Do date arithmetic in one of them, or fetch by Arrow.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 pyarrow==25.0.0 pandas==2.3.3

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import datetime as dt

import duckdb

print("duckdb", duckdb.__version__)
con = duckdb.connect()
query = "select interval '12 months' as i"
year = con.sql(query).fetchall()[0][0]
expect("Python", year, dt.timedelta(days=360))
expect("pandas", str(con.sql(query).df()["i"][0]), "360 days 00:00:00")
expect("Arrow", tuple(con.sql(query).to_arrow_table()["i"][0].as_py()), (12, 0, 0))
expect("a year after 2023-01-01, in SQL", con.sql("select (date '2023-01-01' + interval '12 months')::date").fetchall()[0][0], dt.date(2024, 1, 1))
expect("a year after 2023-01-01, in Python", dt.date(2023, 1, 1) + year, dt.date(2023, 12, 27))
PY
