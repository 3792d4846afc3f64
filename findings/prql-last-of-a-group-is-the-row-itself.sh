#!/usr/bin/env bash
# Question: PRQL adds to each film the rating of the last film of its genre: group genre (sort year | derive {newest =
#   last rating}). Which rating has the first film? And which titles does text.contains "a_b" find?
# Guess: That of the last film; in a group, sum, max and last see the whole group. And titles with "a_b" in them.
# What happens: Its own. prqlc writes LAST_VALUE without a frame, and in SQL the frame then ends at the current row; for
#   sum and max of the same line it writes the frame of the whole group. text.contains, starts_with and ends_with become
#   LIKE, without an escape: "a_b" also finds "axb", and "50%" finds "505"; in SQLite they do not distinguish case.
#   "select !{votes}" leaves votes out in DuckDB, and becomes "select *", with votes, in SQLite.
# Versions: prqlc 0.13.14, duckdb 2.0.1, SQLite of Python.
# For a user: Sort downwards and use first, which is right, and filter by regex (~=), not by text.contains.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile prqlc==0.13.14 duckdb==2.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import sqlite3

import duckdb
import prqlc

print("prqlc", prqlc.__version__, "| duckdb", duckdb.__version__, "| SQLite", sqlite3.sqlite_version)
rows = [("Drama", 1994, 9.3, "a_b"), ("Drama", 2001, 7.0, "axb"), ("Drama", 2024, 6.5, "50%"), ("War", 1979, 8.4, "505"), ("War", 2019, 8.2, "A_B")]
engines = {"duckdb": duckdb.connect(), "sqlite": sqlite3.connect(":memory:")}
for engine in engines.values():
    engine.execute("create table films(genre varchar, year integer, rating double, title varchar)")
    engine.executemany("insert into films values (?, ?, ?, ?)", rows)


def ask(query, target="duckdb"):
    sql = prqlc.compile(query, prqlc.CompileOptions(target=f"sql.{target}", format=False, signature_comment=False))
    return engines[target].execute(sql).fetchall()


def group(*expressions):
    return "from films\ngroup genre (sort year | derive {" + ", ".join(expressions) + "})\nfilter genre == 'Drama'\nsort year\nselect {year, " + ", ".join(e.split(" = ")[0] for e in expressions) + "}"


for target in engines:
    expect(f"{target}: newest", ask(group("newest = last rating", "worst = min rating"), target), [(1994, 9.3, 6.5), (2001, 7.0, 6.5), (2024, 6.5, 6.5)])
down = "from films\ngroup genre (sort {-year} | derive {newest = first rating})\nfilter genre == 'Drama'\nsort year\nselect {year, newest}"
expect("first, sorted downwards", ask(down), [(1994, 6.5), (2001, 6.5), (2024, 6.5)])
contains = "from films\nfilter (title | text.contains '%s')\nselect title"
expect("contains a_b", ask(contains % "a_b"), [("a_b",), ("axb",)])
expect("contains 50%", ask(contains % "50%"), [("50%",), ("505",)])
expect("contains a_b, SQLite", ask(contains % "a_b", "sqlite"), [("a_b",), ("axb",), ("A_B",)])
expect("by regex", ask("from films\nfilter title ~= 'a_b'\nselect title"), [("a_b",)])
without = "from films\nselect !{rating}\ntake 1"
expect("without the rating", [len(ask(without, target)[0]) for target in engines], [3, 4])
PY
