#!/usr/bin/env bash
# Question: A Parquet column holds sorted ids, about ten rows for each. Does dictionary encoding make it smaller?
# Guess: Yes: each id is stored once, and its rows are small numbers. pyarrow, Polars and DuckDB do it by default.
# What happens: Before compression it does, to a third. After zstd the column is more than three times as large as
#   without a dictionary. Presumably zstd finds the repeats of plain ids by itself, and what neighbours share, but finds
#   neither in indices packed into 17 bits each. A dictionary for the whole row group is no remedy.
# Versions: pyarrow 25.0.1, polars 2.1.0, duckdb 2.0.0.
# For a user: Do not take the default on trust for the key of a sorted table: write it both ways and compare. In pyarrow
#   use_dictionary takes a list of the columns that shall have one.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pyarrow==25.0.1 polars==2.1.0 duckdb==2.0.0

venv/bin/python - <<'PY'
import random
import sys
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 1_000_000
print("pyarrow", pa.__version__, "polars", pl.__version__, "duckdb", duckdb.__version__)
dice = random.Random(1)
ids, title = [], 0
while len(ids) < ROWS:
    title += dice.randint(1, 3)
    ids += [f"tt{title:07}"] * dice.randint(1, 19)
table = pa.table({"tconst": ids[:ROWS]})
print(f"{ROWS:,} rows, {len(set(ids)):,} ids, in order")


def size(label: str, **options: object) -> int:
    pq.write_table(table, f"{label}.parquet", **options)
    return shown(label)


def shown(label: str) -> int:
    bytes_ = Path(f"{label}.parquet").stat().st_size
    print(f"{label}: {bytes_:,} bytes")
    return bytes_


dictionary = size("no compression, dictionary", compression="none")
plain = size("no compression, plain", compression="none", use_dictionary=False)
large = size("zstd, dictionary", compression="zstd")
whole = size("zstd, dictionary of 64 MB at most", compression="zstd", dictionary_pagesize_limit=64 << 20)
small = size("zstd, plain", compression="zstd", use_dictionary=False)
pl.from_arrow(table).write_parquet("Polars, zstd, its default.parquet")
by_polars = shown("Polars, zstd, its default")
duckdb.from_arrow(table).write_parquet("DuckDB, zstd.parquet", compression="zstd")
by_duckdb = shown("DuckDB, zstd")
print(f"with zstd the dictionary takes {large / small:.1f} times as many bytes as plain ids")
if dictionary > plain / 2:
    sys.exit("CHANGED: without compression, a dictionary took less than half of the bytes of plain ids")
if min(large, whole, by_polars, by_duckdb) < 2 * small:
    sys.exit("CHANGED: with zstd, each dictionary took at least twice the bytes of plain ids")
PY
