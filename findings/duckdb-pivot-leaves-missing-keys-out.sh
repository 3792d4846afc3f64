#!/usr/bin/env bash
# Question: Rows without a region are pivoted, with one column for each region. Are their values in the result?
# Guess: Yes, in a column of their own, as in Polars, or else DuckDB says that it leaves them out.
# What happens: DuckDB's PIVOT makes no column for NULL, and their values are in none: the columns add up to less than
#   the table. An empty text gets a column, whose name is two apostrophes. If the regions are listed, "in ('US', NULL)"
#   makes a column named NULL. US and us become the columns US and us_1. GROUP BY keeps NULL, as everywhere.
# Versions: duckdb 2.0.1, polars 2.1.0.
# For a user: Pivot coalesce(region, 'none'), and compare the total.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.1 polars==2.1.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import duckdb
import polars as pl

print("duckdb", duckdb.__version__, "| polars", pl.__version__)
rows = pl.DataFrame({"region": ["US", "us", None, ""], "votes": [1, 2, 4, 8]})


def pivot(query):
    result = duckdb.connect().register("rows", rows.to_arrow()).execute(query)
    return dict(zip([column[0] for column in result.description], map(int, result.fetchone())))


expect("sum of all", int(rows["votes"].sum()), 15)
expect("Polars", rows.with_columns(all=1).pivot("region", index="all", values="votes").drop("all").row(0, named=True), {"US": 1, "us": 2, "null": 4, "": 8})
expect("DuckDB", pivot("pivot rows on region using sum(votes)"), {"''": 8, "US": 1, "us_1": 2})
expect("DuckDB, regions listed", pivot("from rows pivot (sum(votes) for region in ('US', 'us', '', NULL))"), {"US": 1, "us_1": 2, "''": 8, "NULL": 4})
expect("DuckDB, filled first", pivot("pivot (select coalesce(region, 'none') as region, votes from rows) on region using sum(votes)"), {"''": 8, "US": 1, "none": 4, "us_1": 2})
PY
