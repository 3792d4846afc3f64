#!/usr/bin/env bash
# Question: select title from films where year not in (select year from bad): does a film without a year come
#   back, in Daft? And what if a year of bad is NULL?
# Guess: No: NULL NOT IN (2001) is NULL. And if the list has a NULL, no row comes back at all.
# What happens: Daft runs an anti join: films without a year come back, and a NULL in the list is ignored. The
#   list written out, not in (2001), leaves the film without a year out, so the same list gives three films as a
#   query and two as a number.
# Versions: daft 0.7.26; duckdb 2.0.0 for comparison.
# For a user: An exclusion list moved from the query into a table changes which rows come back. Add "and year is
#   not null", or write the anti join.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile daft==0.7.26 duckdb==2.0.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import daft
import duckdb

print("daft", daft.__version__, "duckdb", duckdb.__version__)
films = daft.from_pydict({"title": ["a", "b", "c", "d"], "year": [1999, 2001, None, 2004]})
bad = daft.from_pydict({"year": [2001]})
holes = daft.from_pydict({"year": [2001, None]})
tables = {"films": films, "bad": bad, "holes": holes}
con = duckdb.connect()
for name, frame in tables.items():
    con.register(name, frame.to_arrow())


def ask(condition):
    """The titles that Daft and DuckDB find."""
    query = f"select title from films where {condition}"
    return sorted(daft.sql(query, **tables).to_pydict()["title"]), [row[0] for row in con.execute(query + " order by title").fetchall()]


expect("not in (2001)", ask("year not in (2001)"), (["a", "d"], ["a", "d"]))
expect("not in a query", ask("year not in (select year from bad)"), (["a", "c", "d"], ["a", "d"]))
expect("not in a query with a NULL", ask("year not in (select year from holes)"), (["a", "c", "d"], []))
expect("and year is not null", ask("year not in (select year from bad) and year is not null"), (["a", "d"], ["a", "d"]))
PY
