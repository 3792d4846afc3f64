#!/usr/bin/env bash
# Question: t.select(half=t.votes / 2) and t.select("votes", half=t.votes / 2) in Ibis on DataFusion: is half
#   the same?
# Guess: Yes. / is true division in Ibis, the type is float64 on each backend, and ibis.to_sql(...,
#   "datafusion") shows a cast to DOUBLE for both.
# What happens: With votes among the columns the cast is missing in the SQL that is executed, and half is 3.0 of
#   7, a float without its fraction; so is mutate(). A filter on t.votes / 2 > 3 keeps or loses a row by what is
#   selected. to_sql prints the other SQL, so looking at it does not help. DuckDB, Polars and SQLite give 3.5.
# Versions: ibis-framework 12.0.0, datafusion 51.0.0, sqlglot 27.29.0 (also 26.33.0 and 28.10.1).
# For a user: Adding a column to a report changes another one. Cast to float64 before dividing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'ibis-framework[duckdb,polars,datafusion,sqlite]==12.0.0' datafusion==51.0.0 duckdb==1.5.5 polars==1.35.2 sqlglot==27.29.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import ibis
import pyarrow as pa

print("ibis", ibis.__version__)
rows = pa.table({"votes": [7], "title": ["a"]})
connections = {"duckdb": ibis.duckdb.connect(), "polars": ibis.polars.connect(), "sqlite": ibis.sqlite.connect(), "datafusion": ibis.datafusion.connect()}
tables = {name: connection.create_table("films", rows) for name, connection in connections.items()}


def half(expression):
    """The column half by backend."""
    return {name: expression(table).to_pyarrow()["half"].to_pylist()[0] for name, table in tables.items()}


right = dict.fromkeys(tables, 3.5)
expect("half", half(lambda t: t.select(half=t.votes / 2)), right)
expect("title, half", half(lambda t: t.select("title", half=t.votes / 2)), right)
expect("votes, half", half(lambda t: t.select("votes", half=t.votes / 2)), right | {"datafusion": 3.0})
expect("mutate", half(lambda t: t.mutate(half=t.votes / 2)), right | {"datafusion": 3.0})
expect("cast before", half(lambda t: t.mutate(half=t.votes.cast("float64") / 2)), right)
films = tables["datafusion"]
big = films.filter(films.votes / 2 > 3)
expect("rows with votes / 2 > 3", [big.select("title").to_pyarrow().num_rows, big.select("votes").to_pyarrow().num_rows], [1, 0])
both = films.select("votes", half=films.votes / 2)
expect("type", str(both.half.type()), "float64")
expect("CAST in to_sql, in compile", ["CAST" in str(sql) for sql in (ibis.to_sql(both, dialect="datafusion"), connections["datafusion"].compile(both))], [True, False])
PY
