#!/usr/bin/env bash
# Question: "a join b on a.year = b.year and a.id < b.id" pairs the films of a year, each pair once. Which pairs does
#   Opteryx return?
# Guess: Those that meet both conditions, or an error.
# What happens: Opteryx joins by the equality and drops the other condition, in inner and left joins: each film is
#   paired with itself, and each pair is there twice. "a.year = b.year and a.votes > b.votes", the films that a film
#   outdid, returns all films of the year. A full join drops it, too, and joins a missing year to a missing year. In
#   WHERE the condition holds.
# Versions: opteryx 0.26.8, duckdb 2.0.1.
# For a user: Too many rows without a word, and sums over them are too large. Put all but equalities into WHERE, after
#   an inner join; in outer joins there is no such way.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile opteryx==0.26.8 duckdb==2.0.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import duckdb
import opteryx
import pyarrow as pa

films = pa.table({"id": [1, 2, 3, 4], "year": [2001, 2001, 1999, None], "votes": [10, 30, 20, 5]})
others = films
print("opteryx", opteryx.__version__, "| duckdb", duckdb.__version__)
opteryx.register_arrow("films", films)
opteryx.register_arrow("others", others)


def both(join, condition, where=""):
    """The pairs of ids by Opteryx and by DuckDB."""
    query = f"select a.id, b.id from films as a {join} join others as b on {condition} {where}"
    found = [tuple(row) for row in opteryx.query(query)]
    return sorted(found, key=str), sorted(duckdb.sql(query).fetchall(), key=str)


pairs = "a.year = b.year and a.id < b.id"
expect("inner join", both("inner", pairs), ([(1, 1), (1, 2), (2, 1), (2, 2), (3, 3)], [(1, 2)]))
expect("inner join, votes", both("inner", "a.year = b.year and a.votes > b.votes"), ([(1, 1), (1, 2), (2, 1), (2, 2), (3, 3)], [(2, 1)]))
expect("left join", both("left", pairs), ([(1, 1), (1, 2), (2, 1), (2, 2), (3, 3), (4, None)], [(1, 2), (2, None), (3, None), (4, None)]))
full = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 3)]
expect("full join, equality", both("full", "a.year = b.year"), ([*full, (4, 4)], [*full, (4, None), (None, 4)]))
expect("full join", both("full", pairs)[0], [*full, (4, 4)])
expect("where", both("inner", "a.year = b.year", "where a.id < b.id"), ([(1, 2)], [(1, 2)]))
PY
