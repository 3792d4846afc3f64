#!/usr/bin/env bash
# Question: A SQLMesh model has the kind INCREMENTAL_BY_UNIQUE_KEY with the two columns (genre, subgenre) as its key, and
#   one of them may be missing. Which rows does an upsert of (NULL, Drama) replace?
# Guess: The row with this key, and no other. In dbt, keys with a NULL never match (documented), and rows pile up.
# What happens: On DuckDB it deletes the row (Drama, NULL), which is another key. The columns of a key are joined by
#   concat_ws, which leaves NULL out, so that (Drama, NULL) and (NULL, Drama) are both 'Drama'. If the key is a
#   single column, a NULL never matches, and its row is there once more after each run.
# Versions: sqlmesh 0.236.4, duckdb 1.5.6.
# For a user: A row is gone, on a green run, that no new row replaces. The documentation shows that a key may be an
#   expression, but not what a NULL does. Write unique_key (coalesce(genre, '-'), coalesce(subgenre, '-')).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile sqlmesh==0.236.4 duckdb==1.5.6
export DO_NOT_TRACK=1 SQLMESH__DISABLE_ANONYMIZED_ANALYTICS=1

mkdir models
cat > config.yaml <<'YML'
gateways: {local: {connection: {type: duckdb, database: films.db}}}
default_gateway: local
model_defaults: {dialect: duckdb, start: "2024-01-01"}
YML
for key in "two (genre, subgenre)" "filled (coalesce(genre, '-'), coalesce(subgenre, '-'))" "one genre"; do
  echo "MODEL (name main.${key%% *}, cron '@daily', kind INCREMENTAL_BY_UNIQUE_KEY (unique_key ${key#* }));
    select genre::text as genre, subgenre::text as subgenre, films::int as films from main.source" > "models/${key%% *}.sql"
done

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import duckdb
from sqlmesh import Context

print("sqlmesh", version("sqlmesh"), "| duckdb", duckdb.__version__)


def ask(query):
    with duckdb.connect("films.db") as con:
        return con.execute(query).fetchall()


def load(rows, day):
    """The rows of each model after a run on this day, whose source has the given rows."""
    ask(f"create or replace table source as select * from (values {rows}) t(genre, subgenre, films)")
    context = Context(paths=".")
    context.plan(auto_apply=True, no_prompts=True, execution_time=day) if day == "2024-01-05" else context.run(execution_time=day)
    context.close()
    return {model: ask(f"select * from main.{model} order by all") for model in ("two", "filled", "one")}


first = load("('Drama', null, 1), ('Drama', 'War', 2)", "2024-01-05")
expect("first load", first["two"], [("Drama", "War", 2), ("Drama", None, 1)])
second = load("(null, 'Drama', 3)", "2024-01-07")
expect("two columns: (Drama, NULL) is gone", second["two"], [("Drama", "War", 2), (None, "Drama", 3)])
expect("two columns, filled", second["filled"], [("Drama", "War", 2), ("Drama", None, 1), (None, "Drama", 3)])
third = load("(null, 'Drama', 4)", "2024-01-09")
expect("two columns: its own row is replaced", third["two"], [("Drama", "War", 2), (None, "Drama", 4)])
expect("one column: a NULL is there twice", [row for row in third["one"] if row[0] is None], [(None, "Drama", 3), (None, "Drama", 4)])
PY
