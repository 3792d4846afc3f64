#!/usr/bin/env bash
# Question: DuckDB attaches an SQLite file and stores totals in it: "create table ... as select genre, sum(votes)". Which
#   genre has most votes, if one asks SQLite, or DuckDB again?
# Guess: The one that had most in DuckDB.
# What happens: The one whose total begins with the greatest digit: 9 is above 10 and 1000. The sum of whole numbers is a
#   HUGEINT, and its column in SQLite becomes VARCHAR, without a word; so do DECIMAL and UBIGINT. max, min, order by and
#   conditions compare texts, and "> 5" does not find 10. SQLite's sum and avg hide this, as they convert. DOUBLE and
#   BIGINT stay numbers, but NaN becomes NULL. If the table is declared first, its totals are numbers.
# Versions: duckdb 1.5.5 with sqlite_scanner, SQLite of the Python in use.
# For a user: Cast totals to BIGINT and amounts to DOUBLE or to whole cents, or create the table in SQLite first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-sqlite-scanner==1.5.5

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import sqlite3
from contextlib import closing

import duckdb
from duckdb_extensions import import_extension

print("duckdb", duckdb.__version__, "| SQLite", sqlite3.sqlite_version)
import_extension("sqlite_scanner")
con = duckdb.connect()
con.execute("load sqlite_scanner")
con.execute("attach 'totals.db' as lite (type sqlite)")
con.execute("create table films as from (values ('Drama', 1000), ('War', 9), ('Crime', 10)) t (genre, votes)")


def duck(query):
    return [row[0] for row in con.execute(query).fetchall()]


def sqlite(query):
    with closing(sqlite3.connect("totals.db")) as database:
        return [row[0] for row in database.execute(query).fetchall()]


by_votes, most, over = "select genre from {} order by votes desc", "select max(votes) from {}", "select genre from {} where votes > 5 order by genre"
totals = "select genre, sum(votes) as votes from films group by genre"
expect("in DuckDB", [duck(query.format(f"({totals})")) for query in (by_votes, most, over)], [["Drama", "Crime", "War"], [1000], ["Crime", "Drama", "War"]])
con.execute(f"create table lite.totals as {totals}")
expect("type in SQLite", sqlite("select distinct typeof(votes) from totals"), ["text"])
expect("in SQLite", [sqlite(query.format("totals")) for query in (by_votes, most, over)], [["War", "Drama", "Crime"], ["9"], ["War"]])
expect("in DuckDB again", [duck(query.format("lite.totals")) for query in (by_votes, most)], [["War", "Drama", "Crime"], ["9"]])
expect("sum in SQLite", sqlite("select sum(votes) from totals"), [1019])
con.execute("create table lite.amounts as from (values (9.50), (10.25)) t (votes)")
expect("max of DECIMAL in SQLite", sqlite(most.format("amounts")), ["9.50"])
con.execute("create table lite.ratings as from (values ('nan'::double), (7)) t (v)")
expect("NaN in SQLite", sqlite("select v from ratings order by rowid"), [None, 7.0])
con.execute("create table lite.declared (genre varchar, votes bigint)")
con.execute(f"insert into lite.declared {totals}")
expect("declared first", [sqlite(query.format("declared")) for query in (by_votes, most)], [["Drama", "Crime", "War"], [1000]])
PY
