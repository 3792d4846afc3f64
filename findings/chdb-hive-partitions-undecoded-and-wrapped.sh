#!/usr/bin/env bash
# Question: chdb (ClickHouse) reads Hive partitions of Polars. Are keys with a slash, an accent or 20
#   digits, and null keys, read back?
# Guess: Yes: percent-encoding and __HIVE_DEFAULT_PARTITION__ are the custom of Hive, and file() has
#   use_hive_partitioning.
# What happens: Keys stay percent-encoded (Action%2FDrama), null is the text __HIVE_DEFAULT_PARTITION__, and
#   a folder number too large for 64 bits wraps around to another number (99999999999999999999 reads
#   7766279631452241919).
# Versions: chdb 4.4.0 (chdb-core 26.9.0), polars 2.1.0.
# For a user: Joins on the key find nothing, counts of nulls are 0, and a large id becomes a different one.
#   Keep the key as a column in the files.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile chdb==4.4.0 chdb-core==26.9.0 pyarrow==25.0.0 polars==2.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import os

import chdb
import polars as pl

print("chdb", chdb.chdb_version if isinstance(chdb.chdb_version, str) else ".".join(chdb.chdb_version))


def write(folder, key, film):
    os.makedirs(f"{folder}/k={key}", exist_ok=True)
    pl.DataFrame({"film": [film]}).write_parquet(f"{folder}/k={key}/part.parquet")


frame = pl.DataFrame({"film": [1, 2, 3], "k": ["Action/Drama", "Animé", None]})
frame.write_parquet(pl.PartitionBy("text", key="k", include_key=False))
expect("folders of Polars", sorted(os.listdir("text")), ["k=Action%2FDrama", "k=Anim%C3%A9", "k=__HIVE_DEFAULT_PARTITION__"])


def read(folder):
    query = f"select film, k from file('{folder}/*/*.parquet') order by film settings use_hive_partitioning = 1"
    return chdb.query(query, "TSV").data().splitlines()


expect("text keys", read("text"), ["1\tAction%2FDrama", "2\tAnim%C3%A9", "3\t__HIVE_DEFAULT_PARTITION__"])
write("number", "1", 1)
write("number", "99999999999999999999", 2)
expect("number keys", read("number"), ["1\t1", "2\t7766279631452241919"])
back = pl.read_parquet("text/**/*.parquet", hive_partitioning=True).sort("film")
expect("Polars", back["k"].to_list(), ["Action/Drama", "Animé", None])
PY
