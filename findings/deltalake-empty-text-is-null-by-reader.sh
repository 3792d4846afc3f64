#!/usr/bin/env bash
# Question: A Delta table is partitioned by country; one film's country is the empty text, another's is NULL.
#   Which does each reader show?
# Guess: Either both as written, or an error on writing: the protocol says that an empty partition value means
#   NULL.
# What happens: delta-rs writes the empty text. Polars and delta-rs' own queries give it back; to_pyarrow_table,
#   and pandas through it, makes it NULL. So country = '' finds one row or none, and country is null one or two,
#   in the same table.
# Versions: deltalake 1.6.6, polars 2.1.0, pyarrow 25.0.1.
# For a user: Counts per country differ by reader. Put a word for the empty text before you partition by it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile deltalake==1.6.6 polars==2.1.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import warnings

warnings.filterwarnings("ignore")
import deltalake
import polars as pl
import pyarrow as pa

print("deltalake", deltalake.__version__, "polars", pl.__version__)
rows = pa.table({"id": [1, 2, 3], "country": ["fr", None, ""]})


def read(name, partition):
    """The countries in the order of the ids, by reader."""
    deltalake.write_deltalake(name, rows, partition_by=partition)
    table = deltalake.DeltaTable(name)
    query = deltalake.QueryBuilder().register("t", table).execute("select * from t").read_all()
    tables = {"polars": pl.read_delta(name), "query": pl.from_arrow(pa.table(query)), "pyarrow": pl.from_arrow(table.to_pyarrow_table())}
    return {reader: frame.sort("id")["country"].to_list() for reader, frame in tables.items()}


readers = ("polars", "query", "pyarrow")
expect("without a partition", read("plain", None), dict.fromkeys(readers, ["fr", None, ""]))
found = dict.fromkeys(readers[:2], ["fr", None, ""]) | dict.fromkeys(readers[2:], ["fr", None, None])
expect("by country", read("parted", ["country"]), found)
PY
