#!/usr/bin/env bash
# Question: "lag(rating) ignore nulls over (order by year)" in ClickHouse is to find the rating before, and "sum(votes)
#   over (order by year range between 2 preceding and current row)" the votes of three years. What if a value is NULL?
# Guess: lag passes over a missing rating. A film without a year is summed with others without a year, as in DuckDB.
# What happens: lag and lead return the missing rating, and nth_value counts it: "ignore nulls" is accepted and does
#   nothing. The film without a year gets the votes of the last three years with a year, as if it were of the latest
#   one. In descending order it is by itself.
# Versions: chdb 4.4.0 (chdb-core 26.9.0), duckdb 2.0.1, datafusion 55.0.0.
# For a user: For the value before, use last_value(...) ignore nulls over (... rows between unbounded preceding and 1
#   preceding). Filter rows without a year before a range.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile chdb==4.4.0 chdb-core==26.9.0 duckdb==2.0.1 datafusion==55.0.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json
import os

import chdb
import datafusion
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

films = pa.table({"id": [1, 2, 3, 4, 5], "year": [2000, 2001, 2004, 2005, None], "rating": [7.5, None, 8.0, 6.5, 9.0], "votes": [1, 10, 100, 1000, 10000]})
pq.write_table(films, "films.parquet")
context = datafusion.SessionContext()
context.from_arrow(films, name="films")
print("chdb", chdb.__version__, "| duckdb", duckdb.__version__, "| datafusion", datafusion.__version__)


def house(expression):
    query = f"select {expression} as v from file('{os.getcwd()}/films.parquet') order by id"
    return [row[0] for row in json.loads(str(chdb.query(query + " settings output_format_json_quote_64bit_integers = 0", "JSONCompact")))["data"]]


def duck(expression):
    return [row[0] for row in duckdb.sql(f"select {expression} as v from films order by id").fetchall()]


def fusion(expression):
    return context.sql(f"select {expression} as v from films order by id").to_pydict()["v"]


lag = "lag(rating) ignore nulls over (order by id)"
expect("chdb, lag ignore nulls", house(lag), [None, 7.5, None, 8, 6.5])
expect("datafusion, the same", fusion(lag), [None, 7.5, 7.5, 8.0, 6.5])
expect("duckdb, the same", duck("lag(rating ignore nulls) over (order by id)"), [None, 7.5, 7.5, 8.0, 6.5])
expect("chdb, lead ignore nulls", house(lag.replace("lag", "lead")), [None, 8, 6.5, 9, None])
expect("chdb, second rating", house("nth_value(rating, 2) ignore nulls over (order by id)"), [None, None, None, None, None])
expect("chdb, last_value", house("last_value(rating) ignore nulls over (order by id rows between unbounded preceding and 1 preceding)"), [None, 7.5, 7.5, 8, 6.5])
years = "sum(votes) over (order by year range between 2 preceding and current row)"
expect("chdb, three years", house(years), [1, 11, 100, 1100, 11100])
expect("duckdb, three years", [int(v) for v in duck(years)], [1, 11, 100, 1100, 10000])
down = "sum(votes) over (order by year desc range between 2 preceding and current row)"
expect("chdb, descending", house(down), [11, 10, 1100, 1000, 10000])
PY
