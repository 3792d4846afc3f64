#!/usr/bin/env bash
# Question: dlt loads rows with write_disposition "merge" and a primary key. What if one load has a key twice, or no
#   key?
# Guess: The later of two rows wins, as in an upsert. Rows without a key are refused, or all kept.
# What happens: It depends on the strategy, and no load fails. delete-insert, the default, keeps the first of two rows
#   with one key; of several rows without a key it keeps one per load, so they pile up. upsert puts both rows into the
#   table, and the next load of them leaves the key there twice; so does insert-only.
# Versions: dlt 1.31.0 with duckdb 2.0.1.
# For a user: Make keys unique before the load, and use dedup_sort to say which row wins; otherwise an older vote
#   count may replace the newer one. Count keys after an upsert.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'dlt[duckdb]==1.31.0' duckdb==2.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import logging
import os

os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="CRITICAL", DLT_DATA_DIR=os.getcwd())
import dlt
import duckdb

print("dlt", dlt.__version__)


def load(strategy, rows, times, **key):
    """The table after the rows were loaded so many times."""
    name = f"{strategy.replace('-', '_')}_{len(os.listdir())}"
    pipeline = dlt.pipeline(name, destination=dlt.destinations.duckdb(f"{name}.duckdb"), dataset_name="d", pipelines_dir=f"{name}_state")
    for _ in range(times):
        disposition = {"disposition": "merge", "strategy": strategy}
        columns = {"film": {"data_type": "bigint", "nullable": True, "primary_key": True}, "votes": {"data_type": "bigint", **key}}
        pipeline.run(dlt.resource(rows, name="films", write_disposition=disposition, columns=columns))
    with duckdb.connect(f"{name}.duckdb") as con:
        return con.execute("select film, votes from d.films order by film nulls last, votes").fetchall()


twice = [{"film": 1, "votes": 100}, {"film": 1, "votes": 101}]
without = [{"film": None, "votes": 5}, {"film": None, "votes": 6}]
expect("delete-insert, key twice", load("delete-insert", twice, 1), [(1, 100)])
expect("delete-insert, key twice, dedup_sort", load("delete-insert", twice, 1, dedup_sort="desc"), [(1, 101)])
expect("delete-insert, no key", load("delete-insert", without, 1), [(None, 5)])
expect("delete-insert, no key, loaded again", load("delete-insert", without, 2), [(None, 5), (None, 5)])
expect("upsert, key twice", load("upsert", twice, 1), [(1, 100), (1, 101)])
expect("upsert, key twice, loaded again", load("upsert", twice, 2), [(1, 101), (1, 101)])
expect("insert-only, key twice", load("insert-only", twice, 1), [(1, 100), (1, 101)])
PY
