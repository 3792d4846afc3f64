#!/usr/bin/env bash
# Question: select distinct year from films order by year desc limit 2: which years come back, in Daft's SQL?
#   And is "select 2030 - year as year ... order by year" sorted by the new column?
# Guess: The latest two years; and yes, ORDER BY means the output column first. ORDER BY comes after SELECT and
#   DISTINCT.
# What happens: Daft sorts first and removes duplicates afterwards, which mixes the rows again: the limit takes
#   any two years. A window function also loses the order of the whole query. ORDER BY of a name that the SELECT
#   reuses sorts by the old column, so "limit 1" gives the film with the largest new value, not the smallest.
# Versions: daft 0.7.26; duckdb 2.0.0 for comparison.
# For a user: "The latest two" are other rows, without an error. Put the DISTINCT or the window into a subquery,
#   or sort with the data frame's sort().
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
years = [1900 + i * 7 % 101 for i in range(400)]
films = daft.from_pydict({"id": list(range(400)), "year": years, "grade": [i % 3 for i in range(400)]})
rows = films.to_arrow()


def ask(query):
    """The rows of Daft and of DuckDB."""
    ours = list(zip(*daft.sql(query.format("films"), films=films).to_pydict().values(), strict=True))
    return ours, duckdb.sql(query.format("rows")).fetchall()


def sorts(query):
    """Whether the first column comes sorted from Daft, and from DuckDB, and whether both have the same rows."""
    ours, right = ask(query)
    return [[row[0] for row in found] == sorted(row[0] for row in found) for found in (ours, right)], sorted(ours) == sorted(right)


expect("order by", sorts("select year from {} order by year"), ([True, True], True))
expect("distinct, order by", sorts("select distinct year from {} order by year"), ([False, True], True))
expect("window, order by", sorts("select id, row_number() over (partition by grade order by year, id) from {} order by id"), ([False, True], True))
ours, right = ask("select distinct year from {} order by year desc limit 2")
expect("the latest two, DuckDB", right, [(2000,), (1999,)])
expect("the latest two, Daft, are others", ours == right, False)
ours, right = ask("select 2030 - year as year from {} order by year limit 1")
expect("smallest 2030 - year", (ours, right), ([(130,)], [(30,)]))
inner = ask("select year from (select distinct year from {}) s order by year desc limit 2")
expect("distinct in a subquery", inner, ([(2000,), (1999,)], [(2000,), (1999,)]))
PY
