#!/usr/bin/env bash
# Question: to_minutes(sum(runtime_minutes)) of a large table is an INTERVAL. What does it become as an Arrow
#   table?
# Guess: The same length of time, or an error if it does not fit: DuckDB's own max of an INTERVAL is far larger.
# What happens: DuckDB counts the time part in microseconds, Arrow in nanoseconds, and the product wraps around
#   without an error: 240 million minutes, 456 years, become -128 years. Beyond 292 years the result is wrong,
#   and beyond 585 years it can look plausible: 600 years become 15. fetchall(), df() and Parquet keep the
#   value. Intervals of years or days are right, because they are counted apart.
# Versions: duckdb 2.0.0, pyarrow 25.0.1.
# For a user: Totals of hours, minutes or seconds change when a step is moved from df() to Arrow. Export the
#   number, not the interval.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 pyarrow==25.0.1 pandas==3.1.1

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
con.execute("create table films as select 120 as minutes from range(2000000)")


def days(query):
    """The interval in whole days: from fetchall, from df, and from Arrow."""
    found = con.sql(query)
    arrow = found.to_arrow_table().column(0)[0].as_py()
    return found.fetchall()[0][0].days, found.df().iloc[0, 0].days, arrow.days + arrow.nanoseconds // (86_400 * 10**9)


expect("290 years in minutes", days("select to_minutes(290 * 365 * 1440)"), (105850, 105850, 105850))
expect("295 years in minutes", days("select to_minutes(295 * 365 * 1440)"), (107675, 107675, -105829))
expect("sum of the films", days("select to_minutes(sum(minutes)::bigint) from films"), (166666, 166666, -46838))
expect("600 years in hours", days("select to_hours(600 * 365 * 24)"), (219000, 219000, 5496))
expect("1000 years in days", days("select to_days(1000 * 365)"), (365000, 365000, 365000))
con.sql("select to_minutes(sum(minutes)::bigint) as total from films").write_parquet("total.parquet")
expect("from Parquet", con.sql("select total from 'total.parquet'").fetchall()[0][0] // dt.timedelta(days=1), 166666)
PY
