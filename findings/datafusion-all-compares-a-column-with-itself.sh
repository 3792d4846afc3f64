#!/usr/bin/env bash
# Question: select title from films where year >= all (select year from films): the latest films. Does
#   DataFusion find them?
# Guess: Yes; IN with the same query is right.
# What happens: If the column has one name outside and inside, it is compared with itself: = ANY and >= ALL find
#   every film, even the one without a year, and < ALL, > ANY and <> ALL find none. = ANY is right with an alias
#   of the table inside.
# Versions: datafusion 54.1.0; duckdb 2.0.0 for comparison.
# For a user: A query that works in PostgreSQL, DuckDB and Polars returns all rows or none. Write IN, and >=
#   (select max(year) from films).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datafusion==54.1.0 duckdb==2.0.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import datafusion
import duckdb
import pyarrow as pa

print("datafusion", datafusion.__version__, "duckdb", duckdb.__version__)
films = pa.table({"title": ["a", "b", "c", "d", "e"], "year": [1999, 2001, 2001, 2004, None]})
context, con = datafusion.SessionContext(), duckdb.connect()
context.from_arrow(films, name="films")
con.register("films", films)


def ask(condition):
    """The titles that DataFusion and DuckDB find."""
    query = f"select title from films where {condition}"
    ours = sorted(context.sql(query).to_arrow_table()["title"].to_pylist())
    return "".join(ours), "".join(row[0] for row in con.execute(query + " order by title").fetchall())


d = "(select year from films where title = 'd')"
expect("in", ask(f"year in {d}"), ("d", "d"))
expect("= any", ask(f"year = any {d}"), ("abcde", "d"))
expect(">= all", ask("year >= all (select year from films where year is not null)"), ("abcde", "d"))
expect("< all", ask(f"year < all {d}"), ("", "abc"))
expect("> any", ask("year > any (select year from films where title = 'b')"), ("", "d"))
expect("<> all", ask(f"year <> all {d}"), ("", "abc"))
expect("= any, with an alias", ask("year = any (select f.year from films f where f.title = 'd')"), ("d", "d"))
expect(">= max", ask("year >= (select max(year) from films)"), ("d", "d"))
PY
