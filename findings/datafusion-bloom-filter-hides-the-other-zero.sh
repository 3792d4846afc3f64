#!/usr/bin/env bash
# Question: DataFusion 55 treats -0.0 and 0.0 as equal. Does it find both in a Parquet file?
# Guess: Yes, whoever wrote the file; statistics and Bloom filters only spare work.
# What happens: In memory, and in a file without a Bloom filter, "v = 0.0" finds both. With a Bloom filter it finds only
#   the zero of its own sign, as both have different hashes: row groups that have only -0.0 are skipped. DuckDB writes
#   Bloom filters by default for columns with few values. The length of the list in "v in (…)" matters, too: with up
#   to three values both zeros are found, with four or more only the zero of the same sign. DuckDB finds both zeros in
#   all cases.
# Versions: datafusion 55.0.0, duckdb 2.0.1, pyarrow 25.0.1.
# For a user: Add 0.0 to float columns before they are written, which turns -0.0 into 0.0, or set
#   datafusion.execution.parquet.bloom_filter_on_read to false.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datafusion==55.0.0 duckdb==2.0.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datafusion
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

print("datafusion", datafusion.__version__, "| duckdb", duckdb.__version__)
rows = pa.table({"v": [-0.0, 5.0, -7.0] * 50})
pq.write_table(rows, "plain.parquet")
pq.write_table(rows, "bloom.parquet", bloom_filter_options={"v": {"ndv": 10, "fpp": 0.01}})
duckdb.connect().register("rows", rows).execute("copy rows to 'duckdb.parquet'")


def ask(name, condition, config=None):
    """The numbers of rows that DataFusion and DuckDB find."""
    query = f"select count(*) as n from '{name}' where {condition}"
    context = datafusion.SessionContext(config).enable_url_table()
    return context.sql(query).to_pylist()[0]["n"], duckdb.connect().execute(query).fetchone()[0]


unread = datafusion.SessionConfig().set("datafusion.execution.parquet.bloom_filter_on_read", "false")
for condition, plain, bloom in (
    ("v = 0.0", 50, 0),
    ("v = -0.0", 50, 50),
    ("v in (0.0, 1.0, 2.0)", 50, 0),
    ("v in (0.0, 1.0, 2.0, 3.0)", 0, 0),
    ("v <= 0.0", 100, 100),
):
    expect(f"{condition}, no Bloom filter: DataFusion, DuckDB", ask("plain.parquet", condition), (plain, 100 if "<=" in condition else 50))
    for name in ("bloom", "duckdb"):
        expect(f"{condition}, {name}: DataFusion", ask(f"{name}.parquet", condition)[0], bloom)
expect("v = 0.0, Bloom filter not read: DataFusion", ask("duckdb.parquet", "v = 0.0", unread)[0], 50)
PY
