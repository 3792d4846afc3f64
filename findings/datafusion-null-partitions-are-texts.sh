#!/usr/bin/env bash
# Question: A table with missing genres is written as Parquet, partitioned by genre, by DuckDB, Polars or DataFusion.
#   Does DataFusion find the rows by "genre is null"?
# Guess: Yes: all writers and readers know the Hive convention, a folder named __HIVE_DEFAULT_PARTITION__.
# What happens: No. DataFusion reads that name as a genre of this text. It writes missing genres itself into a folder
#   "genre=", and reads them back as an empty text. count(genre) is too large by these rows, and group by and joins
#   get a genre that does not exist. DuckDB and Polars read each other's folders rightly. At DataFusion's they find
#   the empty text.
# Versions: datafusion 55.0.0, duckdb 2.0.1, polars 2.1.0, pyarrow 25.0.1.
# For a user: Use nullif(genre, '__HIVE_DEFAULT_PARTITION__') in DataFusion, and fill missing values before
#   partitioning with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datafusion==55.0.0 duckdb==2.0.1 polars==2.1.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datafusion
import duckdb
import polars as pl
import pyarrow as pa

print("datafusion", datafusion.__version__, "| duckdb", duckdb.__version__, "| polars", pl.__version__)
films = pa.table({"id": [1, 2, 3], "genre": ["Drama", None, "Comedy"]})
duckdb.execute("copy films to 'duckdb' (format parquet, partition_by (genre))")
pl.from_arrow(films).write_parquet(pl.PartitionBy("polars", key="genre", include_key=False))
writer = datafusion.SessionContext()
writer.register_record_batches("films", [films.to_batches()])
writer.sql("copy films to 'datafusion/' stored as parquet partitioned by (genre)").collect()


def by_datafusion(folder):
    context = datafusion.SessionContext()
    context.sql(f"create external table films (id bigint, genre varchar) stored as parquet partitioned by (genre) location '{folder}/'").collect()
    rows = context.sql("select genre from films order by id").to_pylist()
    return [row["genre"] for row in rows], context.sql("select id from films where genre is null").to_pylist()


def by_duckdb(folder):
    return [row[0] for row in duckdb.execute(f"select genre from read_parquet('{folder}/**/*.parquet', hive_partitioning = true) order by id").fetchall()]


def by_polars(folder):
    return pl.read_parquet(f"{folder}/**/*.parquet", hive_partitioning=True).sort("id")["genre"].to_list()


for folder, missing in (("duckdb", "__HIVE_DEFAULT_PARTITION__"), ("polars", "__HIVE_DEFAULT_PARTITION__"), ("datafusion", "")):
    expect(f"{folder}'s files in DataFusion, and where genre is null", by_datafusion(folder), (["Drama", missing, "Comedy"], []))
    right = ["Drama", None if missing else "", "Comedy"]
    expect(f"{folder}'s files in DuckDB", by_duckdb(folder), right)
    expect(f"{folder}'s files in Polars", by_polars(folder), right)
PY
