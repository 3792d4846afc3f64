#!/usr/bin/env bash
# Question: A group of films has the ratings 3.5, missing and 7.5. What do Perspective's aggregates give, in a view
#   grouped by genre?
# Guess: They leave the missing rating out: lowest 3.5, highest 7.5, median 5.5, count 2, as sum and mean do.
# What happens: "min" is null, "low", the other minimum, is 0, "count" is 3, and "median" is 3.5, as if the missing
#   rating were the lowest; "max", "sum" and "mean" are right. If all numbers of a group are negative, "high" is 0. So
#   the columns of one table follow three rules: leave out (sum, mean, max), null (min), zero (low, high). DuckDB leaves
#   missing values out everywhere.
# Versions: perspective-python 5.6.1 (the same engine as in the browser), duckdb 2.0.1.
# For a user: A dashboard shows 0 as the lowest rating of each genre with a gap. Filter by "is not null" in the view.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile perspective-python==5.6.1 duckdb==2.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import duckdb
import perspective

print("perspective", perspective.__version__, "| duckdb", duckdb.__version__)
rows = [("Drama", 3.5), ("Drama", None), ("Drama", 7.5), ("War", -2.0), ("War", None), ("War", -1.0)]
table = perspective.Server().new_local_client().table({"genre": [genre for genre, _ in rows], "v": [v for _, v in rows]})


def by_genre(aggregate, **view):
    grouped = table.view(group_by=["genre"], columns=["v"], aggregates={"v": aggregate}, **view).to_json()
    return {row["__ROW_PATH__"][0]: row["v"] for row in grouped if row["__ROW_PATH__"]}


for name in ("min", "max", "sum", "avg", "median", "count"):
    query = f"select genre, {name}(v) from (values {', '.join(map(repr, rows)).replace('None', 'null')}) t (genre, v) group by genre order by genre"
    print(f"duckdb, {name}: {dict(duckdb.sql(query).fetchall())}")
expect("min", by_genre("min"), {"Drama": None, "War": None})
expect("low", by_genre("low"), {"Drama": 0.0, "War": -2.0})
expect("max", by_genre("max"), {"Drama": 7.5, "War": -1.0})
expect("high", by_genre("high"), {"Drama": 7.5, "War": 0.0})
expect("sum", by_genre("sum"), {"Drama": 11.0, "War": -3.0})
expect("mean", by_genre("mean"), {"Drama": 5.5, "War": -1.5})
expect("median", by_genre("median"), {"Drama": 3.5, "War": -2.0})
expect("count", by_genre("count"), {"Drama": 3, "War": 3})
known = [["v", "is not null", None]]
expect("low, is not null", by_genre("low", filter=known), {"Drama": 3.5, "War": -2.0})
expect("median, is not null", by_genre("median", filter=known), {"Drama": 5.5, "War": -1.5})
PY
