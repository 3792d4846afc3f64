#!/usr/bin/env bash
# Question: A Parquet file of two row groups has minimum and maximum for the second only (DuckDB leaves them
#   out where a value is NaN). Does DataFusion filter it right?
# Guess: Yes: no statistics means nothing is known, so the file is read.
# What happens: DataFusion takes the bounds of the groups that have them for the bounds of the file: min(v)
#   is 10 where the file holds 1, v <= 3 and v = 1 find no row, v > 5 finds all rows, 1.0 included. With
#   datafusion.execution.collect_statistics off (it is on by default) all counts are right.
# Versions: datafusion 54.1.0 as reader, duckdb 2.0.0 as writer.
# For a user: One NaN somewhere in a large file of DuckDB makes filters and minima over the whole column
#   wrong, without an error. Switch collect_statistics off, or write null for NaN.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 datafusion==54.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import datafusion
import duckdb

print("duckdb", duckdb.__version__, "datafusion", datafusion.__version__)
con = duckdb.connect()
con.execute(
    "create table t as select case when i >= 10240 then 10.0 when i % 4 = 0 then 'nan'::double else i % 4 end::double as v"
    " from range(20480) r(i)"
)
con.execute("copy t to 't.parquet' (row_group_size 10240)")
groups = con.sql("select stats_min_value, stats_max_value from parquet_metadata('t.parquet') order by row_group_id").fetchall()
expect("bounds in the file", groups, [(None, None), ("10.0", "10.0")])
conditions = ("v = 1", "v <= 3", "v > 5")


def ask(query, statistics):
    config = datafusion.SessionConfig()
    if not statistics:
        config = config.set("datafusion.execution.collect_statistics", "false")
    context = datafusion.SessionContext(config)
    context.register_parquet("t", "t.parquet")
    return context.sql(query).to_pydict()["x"][0]


def counts(statistics):
    return [ask(f"select count(*) as x from t where {c}", statistics) for c in conditions]


expect("DuckDB", [con.sql(f"select count(*) from t where {c}").fetchall()[0][0] for c in conditions], [2560, 7680, 12800])
expect("DataFusion", counts(True), [0, 0, 20480])
expect("DataFusion without statistics", counts(False), [2560, 7680, 12800])
expect("min(v) in DataFusion", ask("select min(v) as x from t", True), 10.0)
expect("min(v) without statistics", ask("select min(v) as x from t", False), 1.0)
PY
