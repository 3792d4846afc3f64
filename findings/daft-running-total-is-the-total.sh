#!/usr/bin/env bash
# Question: "sum(votes) over (partition by genre order by year)" in Daft. What is the sum in the first year?
# Guess: The votes of the first year: with an order, a window ends at the current row, in standard SQL and in Spark.
# What happens: The votes of all years. sum, avg, max and count over a window with an order, in SQL and by Window, take
#   the whole partition, so each running total is the total, and a share or an average of "films so far" knows the
#   future. With "rows between unbounded preceding and current row" the sums are right. rank and row_number are right.
# Versions: daft 0.7.26, duckdb 2.0.1.
# For a user: Write the frame out, also where the standard has one. The documentation of Window.order_by does not say
#   which rows are taken without a frame.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile daft==0.7.26 duckdb==2.0.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import daft
import duckdb
import pyarrow as pa
from daft import Window, col

print("daft", daft.__version__, "| duckdb", duckdb.__version__)
rows = pa.table({"genre": ["Drama", "Drama", "Drama", "War", "War"], "year": [2001, 2002, 2003, 2001, 2002], "votes": [10, 20, 30, 5, 7]})
films = daft.from_arrow(rows)


def both(expression):
    """The values by Daft and by DuckDB, by genre and year."""
    query = f"select genre, year, {expression} as v from films"
    ours = sorted(tuple(row.values()) for row in daft.sql(query, films=films).to_pylist())
    theirs = duckdb.sql(query.replace("films", "rows")).fetchall()
    return [row[2] for row in ours], [row[2] for row in sorted(theirs)]


window = "over (partition by genre order by year"
expect("sum", both(f"sum(votes) {window})"), ([60, 60, 60, 12, 12], [10, 30, 60, 5, 12]))
expect("avg", both(f"avg(votes) {window})"), ([20.0, 20.0, 20.0, 6.0, 6.0], [10.0, 15.0, 20.0, 5.0, 6.0]))
expect("max", both(f"max(votes) {window})"), ([30, 30, 30, 7, 7], [10, 20, 30, 5, 7]))
expect("count", both(f"count(votes) {window})"), ([3, 3, 3, 2, 2], [1, 2, 3, 1, 2]))
expect("sum with a frame", both(f"sum(votes) {window} rows between unbounded preceding and current row)"), ([10, 30, 60, 5, 12], [10, 30, 60, 5, 12]))
expect("row_number", both(f"row_number() {window})"), ([1, 2, 3, 1, 2], [1, 2, 3, 1, 2]))
ordered = Window().partition_by("genre").order_by("year")
frame = films.select("genre", "year", col("votes").sum().over(ordered).alias("v")).sort(["genre", "year"])
expect("sum by Window", frame.to_pydict()["v"], [60, 60, 60, 12, 12])
PY
