#!/usr/bin/env bash
# Question: "from films tablesample bernoulli (10)" in DataFusion. How many of 1000 films are returned?
# Guess: About 100, as in PostgreSQL and DuckDB, or an error.
# What happens: All 1000. The parser takes every form of the clause, and the planner drops it: a percentage, a number of
#   rows, a seed, and even 0 rows. What was meant as a quick look reads the whole table, and training and test sets that
#   were drawn with two seeds are the same set. Daft, whose SQL comes from the same parser, applies the clause.
# Versions: datafusion 55.0.0, duckdb 2.0.1, daft 0.7.26.
# For a user: Write "where random() < 0.1", or draw by a hash of the id. Issue 13563 of DataFusion asks for the clause.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datafusion==55.0.0 duckdb==2.0.1 daft==0.7.26 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import daft
import datafusion
import duckdb
import pyarrow as pa

films = pa.table({"id": list(range(1000))})
print("datafusion", datafusion.__version__, "| duckdb", duckdb.__version__, "| daft", daft.__version__)
context = datafusion.SessionContext()
context.from_arrow(films, name="films")


def rows(clause):
    return context.sql(f"select id from films {clause}").to_pydict()["id"]


for clause in ("tablesample bernoulli (10)", "tablesample system (10 percent)", "tablesample (10 rows)", "tablesample (0 rows)"):
    expect(clause, len(rows(clause)), 1000)
training, test = (set(rows(f"tablesample bernoulli (10) repeatable ({seed})")) for seed in (1, 2))
expect("films in both sets", len(training & test), 1000)
expect("mean", context.sql("select avg(id) as v from films tablesample bernoulli (10)").to_pydict()["v"], [499.5])
expect("duckdb, 10 rows", duckdb.sql("select count(*) from films tablesample reservoir (10 rows)").fetchall(), [(10,)])
expect("daft, 10 percent", 0 < daft.sql("select id from films tablesample (10 percent)", films=daft.from_arrow(films)).count_rows() < 1000, True)
expect("random()", 0 < len(rows("where random() < 0.1")) < 300, True)
PY
