#!/usr/bin/env bash
# Question: Polars SQL, "where adult is not true" and "where (rating > 5) is not true": do rows with a missing value stay?
# Guess: Yes. IS NOT TRUE exists for this: NULL is not true, so the condition holds, as in PostgreSQL, whose
#   syntax and meaning Polars' documentation says it follows.
# What happens: They are lost; so are those of "is not false" and of "not (adult is true)", and "adult is true" as a
#   column is NULL for them. "is distinct from" is right. A row with an empty list, on the other hand, is no row of
#   unnest in DuckDB, and a row with a null in Polars.
# Versions: polars 2.1.0, duckdb 2.0.1, SQLite of Python.
# For a user: A filter that is written to keep rows drops them. Write "is distinct from true".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import sqlite3

import duckdb
import polars as pl

print("polars", pl.__version__, "| duckdb", duckdb.__version__, "| SQLite", sqlite3.sqlite_version)
films = pl.DataFrame({"film": [1, 2, 3], "adult": [True, False, None], "rating": [7.0, 3.0, None], "genres": [["Drama", "War"], [], None]})
lite = sqlite3.connect(":memory:")
lite.execute("create table films(film, adult, rating)")
lite.executemany("insert into films values (?, ?, ?)", films.drop("genres").rows())


def ask(condition):
    """The films of Polars, DuckDB and SQLite."""
    query = f"select film from films where {condition} order by film"
    return [[row[0] for row in rows] for rows in (pl.sql(query, eager=True).rows(), duckdb.sql(query).fetchall(), lite.execute(query).fetchall())]


expect("adult is true", ask("adult is true"), [[1], [1], [1]])
expect("adult is not true", ask("adult is not true"), [[2], [2, 3], [2, 3]])
expect("adult is not false", ask("adult is not false"), [[1], [1, 3], [1, 3]])
expect("(rating > 5) is not true", ask("(rating > 5) is not true"), [[2], [2, 3], [2, 3]])
expect("not (adult is true)", ask("not (adult is true)"), [[2], [2, 3], [2, 3]])
expect("adult is distinct from true", ask("adult is distinct from true"), [[2, 3], [2, 3], [2, 3]])
column = "select adult is true as yes, adult is not true as no from films where film = 3"
expect("as columns", [pl.sql(column, eager=True).rows(), duckdb.sql(column).fetchall()], [[(None, None)], [(False, True)]])
unnested = "select film, unnest(genres) as genre from films order by film, genre"
expect("unnest, Polars", pl.sql(unnested, eager=True).rows(), [(1, "Drama"), (1, "War"), (2, None), (3, None)])
expect("unnest, DuckDB", duckdb.sql(unnested).fetchall(), [(1, "Drama"), (1, "War")])
PY
