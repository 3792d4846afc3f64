#!/usr/bin/env bash
# Question: "count(*) filter (where year = 2001)" in Opteryx and GlareDB. How many films are counted?
# Guess: Those of 2001. A database that does not know the clause says so.
# What happens: All films, without a word. GlareDB skips the clause in sums, too; Opteryx refuses it there. Opteryx also
#   skips DISTINCT in sum and avg, OVER of a sum, QUALIFY, FETCH FIRST, NULLS FIRST, TABLESAMPLE, and the order by which
#   DISTINCT ON chooses, and its count(distinct) counts NULL. GlareDB evaluates or refuses these.
# Versions: opteryx 0.26.8, glaredb 25.6.3, duckdb 2.0.1.
# For a user: Numbers that look right. Write sum(case when ... then 1 else 0 end), LIMIT, and a condition in WHERE; try
#   a clause on three rows before it is relied on.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile opteryx==0.26.8 glaredb==25.6.3 duckdb==2.0.1 pyarrow==25.0.1

cat >ask.py <<'PY'
import os
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}", flush=True)
    if repr(got) != repr(want):
        print(f"CHANGED: {what} was {want!r}", flush=True)
        os._exit(1)


import duckdb
import glaredb
import opteryx
import pyarrow as pa
import pyarrow.parquet as pq

films = pa.table({"id": [1, 2, 3, 4], "year": [2001, 2001, 1999, None], "rating": [7.5, 7.5, None, 9.0]})
pq.write_table(films, "films.parquet")
print("opteryx", opteryx.__version__, "| duckdb", duckdb.__version__, "| glaredb 25.6.3")
opteryx.register_arrow("films", films)
glare = glaredb.connect()
glare.sql("create temp table films as select * from 'films.parquet'")


def numbers(rows):
    return [row[-1] if row[-1] is None else float(row[-1]) for row in rows]


def printed(table):
    """The first column of a table that GlareDB prints."""
    cells = [line.split("│")[1].strip() for line in str(table).splitlines() if line.startswith("│")][2:]
    return [None if cell == "NULL" else float(cell) for cell in cells]


def three(query):
    """The last column by Opteryx, GlareDB and DuckDB."""
    found = []
    for ask in (lambda: numbers(opteryx.query(query)), lambda: printed(glare.sql(query)), lambda: numbers(duckdb.sql(query).fetchall())):
        try:
            found.append(ask())
        except Exception:
            found.append("refused")
    return tuple(found)


expect("count filter", three("select count(*) filter (where year = 2001) from films"), ([4.0], [4.0], [2.0]))
expect("sum filter", three("select sum(rating) filter (where id > 2) from films"), ("refused", [24.0], [9.0]))
expect("sum distinct", three("select sum(distinct rating) from films"), ([24.0], [16.5], [16.5]))
expect("count distinct", three("select count(distinct rating) from films"), ([3.0], [2.0], [2.0]))
expect("sum over", three("select sum(id) over (order by id) from films"), ([10.0], "refused", [1.0, 3.0, 6.0, 10.0]))
expect("qualify", three("select id from films qualify row_number() over (order by id) = 1"), ([1.0, 2.0, 3.0, 4.0], "refused", [1.0]))
expect("fetch first", three("select id from films order by id fetch first 2 rows only"), ([1.0, 2.0, 3.0, 4.0], "refused", [1.0, 2.0]))
expect("nulls first", three("select id from films order by rating desc nulls first limit 1"), ([4.0], [3.0], [3.0]))
expect("tablesample", three("select id from films tablesample (0 rows)"), ([1.0, 2.0, 3.0, 4.0], "refused", []))
expect("distinct on", three("select distinct on (year) year, id from films where year = 2001 order by year, id desc"), ([1.0], "refused", [2.0]))
sys.stdout.flush()
os._exit(0)  # GlareDB's threads can keep Python from ending.
PY
venv/bin/python ask.py
