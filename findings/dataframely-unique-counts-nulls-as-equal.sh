#!/usr/bin/env bash
# Question: a column may be null and must be unique. Two rows have no value. Are they duplicates of each other?
# Guess: no. In SQL a UNIQUE constraint never compares nulls; so say DuckDB, SQLite and PostgreSQL.
# What happens: dataframely counts nulls as equal. With two of them both rows fail, and filter drops both.
#   A table that the database takes without a word loses every row without a value as soon as there are two.
# Versions: dataframely 3.1.2, polars 2.1.0, duckdb 2.0.0.
# What follows: say it as a rule instead: the value is null, or it is unique.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dataframely==3.1.2 polars==2.1.0 duckdb==2.0.0
"$work/venv/bin/python" - <<'PY'
import sqlite3

import dataframely as dy
import duckdb
import polars as pl

print("dataframely", dy.__version__, "| polars", pl.__version__, "| duckdb", duckdb.__version__)


class ByOption(dy.Schema):
    tconst = dy.String()
    wikidata = dy.String(nullable=True, unique=True)


class ByRule(dy.Schema):
    tconst = dy.String()
    wikidata = dy.String(nullable=True)

    @dy.rule()
    def unique_where_known(cls) -> pl.Expr:
        return pl.col("wikidata").is_null() | pl.col("wikidata").is_unique()


rows = [("tt1", "Q1"), ("tt2", None), ("tt3", None)]
frame = pl.DataFrame(rows, schema=["tconst", "wikidata"], orient="row")
create, insert = "create table films (tconst text, wikidata text unique)", "insert into films values (?, ?)"
for name, connection in (("sqlite", sqlite3.connect(":memory:")), ("duckdb", duckdb.connect())):
    connection.execute(create)
    connection.executemany(insert, rows)
    count = connection.execute("select count(*) from films").fetchone()[0]
    print(f"{name}: {count} rows taken")
    assert count == 3
kept, failed = ByOption.filter(frame)
print("dataframely, unique=True:", kept["tconst"].to_list(), failed.counts())
assert kept["tconst"].to_list() == ["tt1"] and failed.counts() == {"wikidata|unique": 2}
assert ByRule.is_valid(frame)
print("dataframely, as a rule:", ByRule.validate(frame)["tconst"].to_list())
PY
