#!/usr/bin/env bash
# Question: A SQLMesh model has the kind INCREMENTAL_BY_PARTITION, and is partitioned by genre. Its source does not
#   change. What is in the model after three runs?
# Guess: What is in the source: a run replaces the partitions that are in its rows, as the documentation says.
# What happens: On DuckDB, rows without a genre are there three times. The partitions to delete are found by
#   "genre in (select distinct genre ...)", which is never true for NULL. If it is partitioned by two columns, these
#   are joined by concat_ws, which leaves NULL out: a load of (NULL, 1994) also deletes the partition (1994, NULL).
# Versions: sqlmesh 0.236.4, duckdb 1.5.6.
# For a user: Counts grow with each run, and only those of rows without a value. Partition by coalesce(genre, '-').
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
for key in "one (genre)" "filled (coalesce(genre, '-'))" "two (genre, decade)"; do
  echo "MODEL (name main.${key%% *}, cron '@daily', kind INCREMENTAL_BY_PARTITION, partitioned_by ${key#* });
    select film::int as film, genre::text as genre, decade::text as decade from main.source" > "models/${key%% *}.sql"
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
    """The films of each model after a run on this day, whose source has the given rows."""
    ask(f"create or replace table source as select * from (values {rows}) t(film, genre, decade)")
    context = Context(paths=".")
    context.plan(auto_apply=True, no_prompts=True, execution_time=day) if day == "2024-01-05" else context.run(execution_time=day)
    context.close()
    return {model: [film for (film,) in ask(f"select film from main.{model} order by film")] for model in ("one", "filled", "two")}


films = "(1, 'Drama', '1990'), (2, null, '1990'), (3, '1994', null)"
expect("first run", load(films, "2024-01-05"), {"one": [1, 2, 3], "filled": [1, 2, 3], "two": [1, 2, 3]})
expect("second run", load(films, "2024-01-07"), {"one": [1, 2, 2, 3], "filled": [1, 2, 3], "two": [1, 2, 3]})
expect("third run", load(films, "2024-01-09"), {"one": [1, 2, 2, 2, 3], "filled": [1, 2, 3], "two": [1, 2, 3]})
expect("a load of (NULL, 1994) only", load("(4, null, '1994')", "2024-01-11")["two"], [1, 2, 4])
PY
