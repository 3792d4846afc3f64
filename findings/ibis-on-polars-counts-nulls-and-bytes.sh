#!/usr/bin/env bash
# Question: nunique() and length() in Ibis: the same on Polars as on DuckDB, DataFusion and SQLite?
# Guess: Yes: nunique is SQL's count(distinct ...), without NULL, and length counts characters.
# What happens: On Polars nunique counts NULL as a value, one more than elsewhere, also by group; length()
#   counts bytes: "Amélie" has 7, "日本" 6; and find() gives places in bytes, which do not fit substr().
# Versions: ibis-framework 12.0.0, polars 1.35.2, duckdb 1.5.5, datafusion 51.0.0, sqlglot 27.29.0.
# For a user: A table with missing values gets one more director, and a limit of characters cuts titles early,
#   after a change of the backend. Drop NULL before nunique.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'ibis-framework[duckdb,polars,datafusion,sqlite]==12.0.0' datafusion==51.0.0 duckdb==1.5.5 polars==1.35.2 sqlglot==27.29.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import ibis
import pyarrow as pa

print("ibis", ibis.__version__)
rows = pa.table({"id": [1, 2, 3], "g": ["a", "a", "b"], "director": ["x", None, "x"], "title": ["Amélie", "日本", "ab"]})
connections = {"duckdb": ibis.duckdb.connect(), "datafusion": ibis.datafusion.connect(), "sqlite": ibis.sqlite.connect(), "polars": ibis.polars.connect()}
tables = {name: connection.create_table("films", rows) for name, connection in connections.items()}


def ask(expression):
    """The values of the three that agree, then those of Polars."""
    found = []
    for table in tables.values():
        value = expression(table).to_pyarrow()
        value = value.as_py() if isinstance(value, pa.Scalar) else value.to_pylist()
        if value not in found:
            found.append(value)
    return found


expect("nunique", ask(lambda t: t.director.nunique()), [1, 2])
expect("nunique without NULL", ask(lambda t: t.filter(t.director.notnull()).director.nunique()), [1])
expect("by group", ask(lambda t: t.group_by("g").agg(n=t.director.nunique()).order_by("g").n), [[1, 1], [2, 1]])
expect("length", ask(lambda t: t.order_by("id").select(v=t.title.length()).v), [[6, 2, 2], [7, 6, 2]])
expect("find", ask(lambda t: t.order_by("id").select(v=t.title.find("lie")).v), [[3, -1, -1], [4, -1, -1]])
PY
