#!/usr/bin/env bash
# Question: Sorted ids are four times smaller in Parquet with DELTA_BYTE_ARRAY, Parquet's second version of text. What does
#   reading them cost?
# Guess: A little in every reader: each id is put together from a shared beginning and a rest.
# What happens: pyarrow and DuckDB take a fifth to a third more processor time than for plain ids, Polars five to seven times
#   as much. The maximum of the column costs nearly as much as all of it.
# Versions: polars 2.1.0, pyarrow 25.0.1, duckdb 2.0.0.
# For a user: Spark and Arrow's writers of version 2 choose this encoding by themselves. Where Polars reads often, write
#   plain text without a dictionary: with zstd, sorted ids are small enough.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 pyarrow==25.0.1 duckdb==2.0.0

POLARS_MAX_THREADS=1 venv/bin/python - <<'PY'
import sys
import time
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ids = pa.table({"id": pa.array([f"tt{number:08d}" for number in range(4_000_000)])})
for name, encoding in (("plain", "PLAIN"), ("delta", "DELTA_BYTE_ARRAY")):
    pq.write_table(
        ids, f"{name}.parquet", use_dictionary=False, compression="zstd", column_encoding={"id": encoding}, row_group_size=500_000
    )
there = duckdb.connect()
there.execute("set threads = 1")
READERS = {
    "Polars": lambda file: pl.read_parquet(file),
    "Polars, the maximum": lambda file: pl.scan_parquet(file).select(pl.col("id").max()).collect(),
    "pyarrow": lambda file: pq.read_table(file, use_threads=False),
    "DuckDB": lambda file: there.execute(f"select count(*) from '{file}' where id like '%77'").fetchall(),
}


def seconds(read, file):
    """The least processor time of five readings."""
    times = []
    for _ in range(5):
        started = time.process_time()
        read(file)
        times.append(time.process_time() - started)
    return min(times)


sizes = [Path(f"{name}.parquet").stat().st_size for name in ("plain", "delta")]
print("bytes, plain and delta:", sizes)
if not 3 < sizes[0] / sizes[1] < 6:
    sys.exit("CHANGED: delta was about four times smaller")
for name, read in READERS.items():
    ratio = seconds(read, "delta.parquet") / seconds(read, "plain.parquet")
    print(f"{name}: {ratio:.1f} times the processor time of plain ids")
    low, high = (3.5, 12) if name.startswith("Polars") else (0.5, 2.8)
    if not low < ratio < high:
        sys.exit(f"CHANGED: {name} was between {low} and {high}")
PY
