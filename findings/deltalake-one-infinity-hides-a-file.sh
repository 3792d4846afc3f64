#!/usr/bin/env bash
# Question: A Delta table has the values 1.5, 2.5 and infinity. What does to_pandas(filters=[("v", "=", 1.5)]) give?
# Guess: The row with 1.5, as it does without the infinity.
# What happens: No row, and the same for every other condition on this column: one infinite value hides all rows of its
#   file. JSON has no infinity, so the file has no upper bound, and delta-rs passes this on to pyarrow as "v <= null",
#   which no row fulfils. to_pyarrow_table and to_pyarrow_dataset lose the rows as well, and so do DuckDB (but for ">")
#   and Polars with use_pyarrow, which query the dataset. Without a condition all rows are there. The scan of Polars
#   and the SQL of delta-rs find them, and NaN in place of infinity does no harm.
# Versions: deltalake 1.6.6, pyarrow 25.0.1, polars 2.1.0, duckdb 2.0.1.
# For a user: A ratio with a denominator of 0 suffices. Read by Polars or QueryBuilder, or make infinities null first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile deltalake==1.6.6 pyarrow==25.0.1 pandas==3.1.1 polars==2.1.0 duckdb==2.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import deltalake
import duckdb
import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

print("deltalake", deltalake.__version__, "| pyarrow", pa.__version__, "| polars", pl.__version__)


def table(name, values):
    deltalake.write_deltalake(name, pa.table({"v": values}))
    return DeltaTable(name)


def found(ratios, sign, value):
    """The values that to_pandas, to_pyarrow_table, DuckDB on the dataset, and Polars by pyarrow find."""
    filters, films = [("v", sign, value)], ratios.to_pyarrow_dataset()
    return [
        ratios.to_pandas(filters=filters)["v"].tolist(),
        ratios.to_pyarrow_table(filters=filters)["v"].to_pylist(),
        [row[0] for row in duckdb.connect().register("films", films).execute(f"select v from films where v {sign} {value}").fetchall()],
        pl.scan_delta(ratios.table_uri, use_pyarrow=True).filter(pl.sql_expr(f"v {sign} {value}")).collect()["v"].to_list(),
    ]


finite, infinite, missing = table("finite", [1.5, 2.5]), table("infinite", [1.5, 2.5, float("inf")]), table("nan", [1.5, 2.5, float("nan")])
expect("v = 1.5 of 1.5, 2.5", found(finite, "=", 1.5), [[1.5]] * 4)
expect("v = 1.5 of 1.5, 2.5, inf", found(infinite, "=", 1.5), [[]] * 4)
expect("v <= 2.5 of 1.5, 2.5, inf", found(infinite, "<=", 2.5), [[]] * 4)
expect("v > 2 of 1.5, 2.5, inf", found(infinite, ">", 2), [[], [], [2.5, float("inf")], []])
expect("v = 1.5 of 1.5, 2.5, NaN", found(missing, "=", 1.5), [[1.5]] * 4)
expect("all rows", infinite.to_pandas()["v"].tolist(), [1.5, 2.5, float("inf")])
expect("Polars", pl.scan_delta("infinite").filter(pl.col("v") > 2).collect()["v"].to_list(), [2.5, float("inf")])
expect("QueryBuilder", pa.table(QueryBuilder().register("t", infinite).execute("select v from t where v > 2").read_all())["v"].to_pylist(), [2.5, float("inf")])
print("what delta-rs tells pyarrow:", next(infinite.to_pyarrow_dataset().get_fragments()).partition_expression)
PY
