#!/usr/bin/env bash
# Question: In Daft's SQL, a query with a union ends in "order by votes desc limit 2", and another one with rank() ends
#   in "order by id limit 2". Which rows are returned?
# Guess: The two with the most votes, and the two with the lowest ids.
# What happens: The union returns all rows, in no order: both clauses belong to the union as a whole, and Daft drops
#   them without a word; so it does after intersect. Beside a window function, the order is lost and the limit is not:
#   the query returns any two rows. Within "with" or a query in brackets, the order and the limit apply.
# Versions: daft 0.7.26, duckdb 2.0.1.
# For a user: Put the union or the window function into "with t as (...)", and order outside it.
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

print("daft", daft.__version__, "| duckdb", duckdb.__version__)
rows = pa.table({"id": [1, 2, 3, 4], "votes": [30, 40, 10, 20]})
more = pa.table({"id": [5, 6, 3], "votes": [60, 50, 10]})
tables = {"films": daft.from_arrow(rows), "more": daft.from_arrow(more)}
films = rows


def both(query):
    """The ids by Daft and by DuckDB."""
    return [row["id"] for row in daft.sql(query, **tables).to_pylist()], [row[0] for row in duckdb.sql(query).fetchall()]


union = "select id, votes from films union all select id, votes from more"
expect("union", both(f"{union} order by votes desc limit 2"), ([1, 2, 3, 4, 5, 6, 3], [5, 6]))
expect("with union", both(f"with t as ({union}) select * from t order by votes desc limit 2"), ([5, 6], [5, 6]))
found, wanted = both("select id from films intersect select id from films order by id limit 2")
expect("intersect", (len(found), wanted), (4, [1, 2]))
rank = "select id, rank() over (order by votes) as place from films"
expect("rank", both(f"{rank} order by id limit 2"), ([3, 4], [1, 2]))
expect("rank, descending", both(f"{rank} order by id desc limit 2"), ([3, 4], [4, 3]))
expect("with rank", both(f"with t as ({rank}) select * from t order by id limit 2"), ([1, 2], [1, 2]))
expect("without rank", both("select id from films order by id limit 2"), ([1, 2], [1, 2]))
PY
