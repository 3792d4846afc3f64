#!/usr/bin/env bash
# Question: A dbt model for DuckDB is written to a file (materialized='external'), and has no rows today. How many rows has
#   the file?
# Guess: None: dbt's own view of the file has none.
# What happens: One, with NULL in each column, in Parquet, in CSV and in folders of partitions. dbt-duckdb inserts it so
#   that there is a file, and makes a view of the file that leaves it out, so that dbt's tests of the view pass. All other
#   readers of the file get the row; a partitioned model gets a folder genre=__HIVE_DEFAULT_PARTITION__.
# Versions: dbt-core 1.11.16 (1.12 needs a download), dbt-duckdb 1.11.1, duckdb 1.5.6, polars 2.1.0.
# For a user: A count of the file is 1 on a day without rows, and its key is NULL. An issue (848) asks to change this.
#   Leave out rows whose key is NULL wherever the file is read.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==1.5.6 polars==2.1.0
export DO_NOT_TRACK=1

mkdir models
echo '{name: p, version: "1.0.0", profile: p, flags: {send_anonymous_usage_stats: false}}' > dbt_project.yml
echo 'p: {target: d, outputs: {d: {type: duckdb, path: films.db}}}' > profiles.yml
for config in "parquet location='films.parquet'" "csv location='films.csv', format='csv'" "folders location='folders', options={'partition_by': 'genre'}"; do
  echo "{{ config(materialized='external', ${config#* }) }} select 1 as film, 'Drama' as genre where false" > "models/${config%% *}.sql"
done
venv/bin/dbt --quiet run --profiles-dir . > run.log 2>&1 || { cat run.log; exit 1; }

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

print("dbt-core", version("dbt-core"), "| dbt-duckdb", version("dbt-duckdb"), "| duckdb", duckdb.__version__, "| polars", pl.__version__)
with duckdb.connect("films.db") as con:
    for model in ("parquet", "csv", "folders"):
        expect(f"{model}: dbt's view", con.execute(f"select * from {model}").fetchall(), [])
expect("Parquet by Polars", pl.read_parquet("films.parquet").rows(), [(None, None)])
expect("Parquet by DuckDB", duckdb.sql("from 'films.parquet'").fetchall(), [(None, None)])
expect("CSV by Polars", pl.read_csv("films.csv").rows(), [(None, None)])
expect("folders", sorted(path.parent.name for path in Path("folders").rglob("*.parquet")), ["genre=__HIVE_DEFAULT_PARTITION__"])
expect("folders by Polars", pl.read_parquet("folders/**/*.parquet", hive_partitioning=True).rows(), [(None, None)])
PY
