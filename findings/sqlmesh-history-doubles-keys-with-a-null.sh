#!/usr/bin/env bash
# Question: A SQLMesh model keeps a history (SCD_TYPE_2_BY_COLUMN) with the columns (film, region) as its key, and a
#   film may have no region. Its source does not change. How many current versions has each film after three runs?
# Guess: One. The documentation has no word on a NULL in the key.
# What happens: On DuckDB, a film without a region has three. Each run finds no row with its key in the table, and adds
#   the film as a new one, next to the versions of earlier runs, which stay open (valid_to is NULL), even when the film
#   changes. Films with a region have one; a NaN, or a NULL in a column that is not part of the key, does no harm.
# Versions: sqlmesh 0.236.4, duckdb 1.5.6.
# For a user: "where valid_to is null" gives such films once more with each run. Make the key of expressions that are
#   never NULL: unique_key (film, coalesce(region, '-')).
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
for key in "plain (film, region)" "filled (film, coalesce(region, '-'))"; do
  echo "MODEL (name main.${key%% *}, cron '@daily', kind SCD_TYPE_2_BY_COLUMN (unique_key ${key#* }, columns [rating]));
    select film::int as film, region::text as region, rating::double as rating from main.source" > "models/${key%% *}.sql"
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


def run(rows, day):
    """The current versions in each model after a run on this day, whose source has the given rows."""
    ask(f"create or replace table source as select * from (values {rows}) t(film, region, rating)")
    context = Context(paths=".")
    context.plan(auto_apply=True, no_prompts=True, execution_time=day) if day == "2024-01-05" else context.run(execution_time=day)
    context.close()
    return {model: ask(f"select film, region, rating from main.{model} where valid_to is null order by all") for model in ("plain", "filled")}


films = "(1, 'DE', 'nan'::double), (2, 'FR', null), (3, null, 7.5)"
once = [(1, "DE", float("nan")), (2, "FR", None), (3, None, 7.5)]
expect("first run", run(films, "2024-01-05"), {"plain": once, "filled": once})
expect("second run", run(films, "2024-01-07"), {"plain": [*once, once[-1]], "filled": once})
expect("third run", run(films, "2024-01-09"), {"plain": [*once, once[-1], once[-1]], "filled": once})
changed = run("(1, 'DE', 'nan'::double), (2, 'FR', null), (3, null, 8.0)", "2024-01-11")
expect("film 3 changed", changed, {"plain": [*once[:2], *[once[-1]] * 3, (3, None, 8.0)], "filled": [*once[:2], (3, None, 8.0)]})
PY
