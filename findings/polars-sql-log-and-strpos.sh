#!/usr/bin/env bash
# Question: log(2, 8) and strpos(title, 'x') of a missing title: are they the same in Polars' SQL as in
#   PostgreSQL, DuckDB and DataFusion?
# Guess: 3, and NULL.
# What happens: log(2, 8) is 0.33: Polars takes the base last. strpos and position of a NULL are 0, "not found",
#   so that "where strpos(title, 'x') = 0" keeps missing titles.
# Versions: polars 2.1.0, duckdb 2.0.0, datafusion 54.1.0.
# For a user: A query moved to pl.sql gives other numbers, and other rows. Write log2 or ln(x) / ln(base), and
#   test for NULL.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 polars==2.1.0 pyarrow==25.0.1 datafusion==54.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import datafusion
import duckdb
import polars as pl

print("polars", pl.__version__, "duckdb", duckdb.__version__, "datafusion", datafusion.__version__)
films = pl.DataFrame({"id": [1, 2, 3], "votes": [8, 8, 8], "title": ["axe", "bee", None]})
rows = films.to_arrow()
context = datafusion.SessionContext()
context.from_arrow(rows, name="films")


def ask(expression):
    """The rounded values from Polars, DuckDB and DataFusion."""
    query = f"select {expression} as v from films order by id"
    found = (
        pl.sql(query, eager=True)["v"].to_list(),
        [row[0] for row in duckdb.sql(query.replace("films", "rows")).fetchall()],
        context.sql(query).to_arrow_table()["v"].to_pylist(),
    )
    return [[round(v, 2) if isinstance(v, float) else v for v in values] for values in found]


expect("log(2, votes)", [values[0] for values in ask("log(2.0, votes)")], [0.33, 3.0, 3.0])
expect("strpos", ask("strpos(title, 'x')"), [[2, 0, 0], [2, 0, None], [2, 0, None]])
expect("position", ask("position('x' in title)"), [[2, 0, 0], [2, 0, None], [2, 0, None]])
PY
