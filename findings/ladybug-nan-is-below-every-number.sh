#!/usr/bin/env bash
# Question: Some ratings are NaN. Which rows does Ladybug (formerly Kùzu) find by "rating < 5", and what is the maximum?
# Guess: As in other engines: NaN is above all numbers (DuckDB, Polars), or no comparison finds it (ClickHouse).
# What happens: "< 5" finds NaN, and so do "< 0", "<= 5" and "not > 5", but "order by" puts it last. Each NaN is a value
#   of its own: count(distinct) counts them all, and a grouping has a row for each. max() is NaN only if the first value
#   is NaN.
# Versions: ladybug 0.22.0; for comparison duckdb 2.0.1, polars 2.1.0, chdb 4.4.0.
# For a user: Make NaN null before loading. There is no isnan, but "rating = rating" is true for numbers only.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile ladybug==0.22.0 duckdb==2.0.1 polars==2.1.0 chdb==4.4.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json

import duckdb
import ladybug
import polars as pl
from chdb import session

print("ladybug", ladybug.__version__, "| duckdb", duckdb.__version__, "| polars", pl.__version__)
nan = float("nan")
pl.DataFrame({"id": [1, 2, 3, 4], "v": [1.0, nan, 7.0, nan]}).write_parquet("films.parquet")
pl.DataFrame({"id": [1, 2], "v": [nan, 7.0]}).write_parquet("first.parquet")
connection = ladybug.Connection(ladybug.Database("films.db"))
house = session.Session()


def cypher(rest, file="films"):
    return [row[0] for row in connection.execute(f"load from '{file}.parquet' with id, v {rest}").get_all()]


def ids(condition):
    """The ids by Ladybug, DuckDB, Polars and ClickHouse."""
    return [
        cypher(f"where {condition} return id order by id"),
        [row[0] for row in duckdb.sql(f"select id from 'films.parquet' where {condition} order by id").fetchall()],
        pl.sql(f"select id from read_parquet('films.parquet') where {condition} order by id", eager=True)["id"].to_list(),
        [int(row[0]) for row in json.loads(str(house.query(f"select id from file('films.parquet') where {condition} order by id", "JSONCompact")))["data"]],
    ]


expect("v < 5", ids("v < 5"), [[1, 2, 4], [1], [1], [1]])
expect("v < 0", ids("v < 0"), [[2, 4], [], [], []])
expect("v > 5", ids("v > 5"), [[3], [2, 3, 4], [2, 3, 4], [3]])
expect("order by v", cypher("return id order by v")[:2], [1, 3])
expect("count(distinct v)", cypher("return count(distinct v)"), [4])
expect("groups", len(cypher("return v, count(*)")), 4)
expect("max(v), NaN second", cypher("return max(v)"), [7.0])
expect("max(v), NaN first", cypher("return max(v)", "first"), [nan])
expect("v = v", cypher("where v = v return id"), [1, 3])
PY
