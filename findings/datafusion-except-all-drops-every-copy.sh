#!/usr/bin/env bash
# Question: Two tables are compared by EXCEPT ALL in both directions: one of them has a film twice. Is that found?
# Guess: Yes. In standard SQL two copies less one copy leave one copy.
# What happens: In DataFusion both directions are empty: EXCEPT ALL, and except_all() of frames, drop every copy of a row
#   that the other table has at all. INTERSECT ALL keeps both copies, and gives another number of rows if the sides are
#   exchanged. DuckDB, Polars and ClickHouse do as the standard says. But in ClickHouse EXCEPT and INTERSECT alone
#   mean ALL, so a plain EXCEPT returns the second copy, which it does not in the standard.
# Versions: datafusion 55.0.0, duckdb 2.0.1, polars 2.1.0, chdb 4.4.0.
# For a user: Count before comparing: select …, count(*) … group by …, then EXCEPT. In ClickHouse write EXCEPT DISTINCT.
#   Known: issues 12955 and 12956 of datafusion, of 2024; except_default_mode in ClickHouse's documentation.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datafusion==55.0.0 duckdb==2.0.1 polars==2.1.0 chdb==4.4.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json

import datafusion
import duckdb
import polars as pl
import pyarrow as pa
from chdb import session

print("datafusion", datafusion.__version__, "| duckdb", duckdb.__version__, "| polars", pl.__version__)
double, single = pa.table({"id": [1, 1, 2]}), pa.table({"id": [1, 2]})
context = datafusion.SessionContext()
context.from_arrow(double, "double")
context.from_arrow(single, "single")
duck = duckdb.connect()
duck.register("double", double)
duck.register("single", single)
house = session.Session()
house.query("create table double (id Int64) engine = Memory")
house.query("insert into double values (1), (1), (2)")
house.query("create table single (id Int64) engine = Memory")
house.query("insert into single values (1), (2)")
frames = pl.SQLContext(double=pl.from_arrow(double), single=pl.from_arrow(single))


def ask(words, sides=("double", "single")):
    """The ids by DataFusion, DuckDB, Polars and ClickHouse."""
    query = f'select id from "{sides[0]}" {words} select id from "{sides[1]}"'
    answers = [
        [row["id"] for row in context.sql(query).to_pylist()],
        [row[0] for row in duck.execute(query).fetchall()],
        frames.execute(query).collect()["id"].to_list(),
        [int(row[0]) for row in json.loads(str(house.query(query, "JSONCompact")))["data"]],
    ]
    return [sorted(answer) for answer in answers]


expect("double EXCEPT ALL single", ask("except all"), [[], [1], [1], [1]])
expect("single EXCEPT ALL double", ask("except all", ("single", "double")), [[], [], [], []])
expect("double INTERSECT ALL single", ask("intersect all"), [[1, 1, 2], [1, 2], [1, 2], [1, 2]])
expect("single INTERSECT ALL double", ask("intersect all", ("single", "double")), [[1, 2], [1, 2], [1, 2], [1, 2]])
expect("double EXCEPT single", ask("except"), [[], [], [], [1]])
expect("double EXCEPT DISTINCT single, ClickHouse", str(house.query("select id from double except distinct select id from single", "CSV")), "")
expect("DataFusion's except_all", context.table("double").except_all(context.table("single")).to_pylist(), [])
PY
