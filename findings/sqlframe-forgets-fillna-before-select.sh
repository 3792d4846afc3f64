#!/usr/bin/env bash
# Question: SQLFrame offers PySpark's API on DuckDB. After df.fillna(0), are missing votes 0 in what comes next?
# Guess: Yes, as in Spark, whatever follows.
# What happens: Only if nothing follows that names columns. fillna(0).select("id", "votes"), filter("votes = 0"),
#   groupBy, agg, withColumn and join see the missing votes again; collect, orderBy, limit, distinct and write see 0.
#   The same goes for replace. fillna and select both end in one SELECT, in which the later list of columns takes the
#   place of the earlier one. So frame.show() after fillna looks right. dropna, which is a WHERE, stays.
# Versions: sqlframe 4.10.0, duckdb 2.0.1.
# For a user: Write df.fillna(0).alias("filled"), which makes a query of its own, or coalesce in withColumn. cache()
#   is ignored on DuckDB.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile sqlframe==4.10.0 sqlglot==30.29.0 duckdb==2.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

from sqlframe.duckdb import DuckDBSession
from sqlframe.duckdb import functions as F

print("sqlframe", version("sqlframe"), "| duckdb", version("duckdb"))
session = DuckDBSession()
films = session.createDataFrame([(1, None), (2, 5)], schema="id int, votes int")
filled = films.fillna(0)


def rows(frame):
    return [tuple(row) for row in frame.collect()]


expect("filled", rows(filled), [(1, 0), (2, 5)])
expect("orderBy", rows(filled.orderBy("id")), [(1, 0), (2, 5)])
expect("select", rows(filled.select("id", "votes")), [(1, None), (2, 5)])
expect("filter", rows(filled.filter("votes = 0")), [])
expect("groupBy", sorted(rows(filled.groupBy("votes").count()), key=str), [(5, 1), (None, 1)])
expect("agg", rows(filled.agg(F.count("votes"), F.avg("votes"))), [(1, 5.0)])
expect("withColumn", rows(filled.withColumn("more", F.col("votes") + 1)), [(1, None, None), (2, 5, 6)])
expect("join", rows(filled.join(films.select("id"), on="id").orderBy("id")), [(1, None), (2, 5)])
expect("fillna of one column, select", rows(films.fillna(0, subset=["votes"]).select("votes")), [(None,), (5,)])
expect("alias, select", rows(filled.alias("filled").select("votes")), [(0,), (5,)])
expect("cache, select", rows(filled.cache().select("votes")), [(None,), (5,)])
expect("replace", rows(films.replace(5, 6)), [(1, None), (2, 6)])
expect("replace, select", rows(films.replace(5, 6).select("id", "votes")), [(1, None), (2, 5)])
expect("dropna, select", rows(films.dropna().select("id", "votes")), [(2, 5)])
PY
