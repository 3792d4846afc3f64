#!/usr/bin/env bash
# Question: A dbt snapshot keeps the history of prices by the check strategy. They were whole numbers; one day a price
#   becomes 7.5, and then nothing changes. What is in the history after three more nights?
# Guess: Two versions of this film: 7, then 7.5. Or an error, as the column is a whole number.
# What happens: Four versions, 7, 8, 8 and 8, and one more each night: 7.5 is rounded into the column, so that the
#   source differs from its own copy on every run. Without new data, the history grows, dbt_valid_to and from say that
#   the price changed, and every run succeeds. An incremental model has 8, too, unless on_schema_change is
#   sync_all_columns; a snapshot has no such setting.
# Versions: dbt-core 1.11.16 (1.12 needs a download), dbt-duckdb 1.11.1, duckdb 2.0.1. dbt documents that a snapshot
#   keeps a column's type, but not that it rounds, nor that it repeats.
# For a user: Cast each column of a snapshot's source to a fixed type that is wide enough, and watch the number of new
#   versions.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.1
export DO_NOT_TRACK=1

mkdir models snapshots
echo '{name: p, version: "1.0.0", profile: p, flags: {send_anonymous_usage_stats: false}}' > dbt_project.yml
echo 'p: {target: d, outputs: {d: {type: duckdb, path: films.db}}}' > profiles.yml
echo "select * from read_csv('prices.csv')" > models/prices.sql
echo "select film, cast(price as decimal(9, 2)) as price from {{ ref('prices') }}" > models/typed.sql
echo "{{ config(materialized='incremental', unique_key='film', on_schema_change='sync_all_columns') }} select * from {{ ref('prices') }}" > models/synced.sql
sed "s/, on_schema_change='sync_all_columns'//" models/synced.sql > models/latest.sql
cat > snapshots/history.yml <<'YML'
snapshots:
  - {name: history, relation: "ref('prices')", config: {unique_key: film, strategy: check, check_cols: all}}
  - {name: typed_history, relation: "ref('typed')", config: {unique_key: film, strategy: check, check_cols: all}}
YML
night() {
    printf 'film,price\nHeat,%s\nDune,9\n' "$1" > prices.csv
    venv/bin/dbt --quiet build --profiles-dir . > night.log 2>&1 || { cat night.log; exit 1; }
}
night 7
for price in 7.5 7.5 7.5; do night $price; done

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import duckdb

print("dbt-core", version("dbt-core"), "| dbt-duckdb", version("dbt-duckdb"), "| duckdb", duckdb.__version__)
database = duckdb.connect("films.db")


def history(table):
    rows = database.execute(f"select film, price::double, dbt_valid_to is null from {table} order by dbt_valid_from, film").fetchall()
    return {film: [(price, current) for name, price, current in rows if name == film] for film in ("Heat", "Dune")}


expect("history", history("history"), {"Heat": [(7.0, False), (8.0, False), (8.0, False), (8.0, True)], "Dune": [(9.0, True)]})
expect("history of a typed column", history("typed_history"), {"Heat": [(7.0, False), (7.5, True)], "Dune": [(9.0, True)]})
for table, price in ("latest", 8.0), ("synced", 7.5):
    expect(f"incremental, {table}", database.execute(f"select film, price::double from {table} order by film").fetchall(), [("Dune", 9.0), ("Heat", price)])
PY
