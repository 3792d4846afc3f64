#!/usr/bin/env bash
# Question: A Delta table has 1.0 and NaN in one file, 9.0 and NaN in another. Which rows does delta-rs delete
#   with DeltaTable.delete("v < 5.0")?
# Guess: The row of 1.0; NaN is not less than anything.
# What happens: 1.0 and the NaN of its file: the file's bounds, which leave NaN out, say that all its rows
#   match, so that the whole file goes. delete("v > 5.0") takes the NaN of the other file. A query with
#   QueryBuilder shows the same rows; Polars and DuckDB do not, and with one NULL in the file the answer is
#   right.
# Versions: deltalake 1.6.6, polars 2.1.0.
# For a user: Rows are lost or kept by what they share a file with, and "and not isnan(v)" does not help. Write
#   NULL for NaN.
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

import shutil
import warnings

warnings.filterwarnings("ignore")
import deltalake
import polars as pl
import pyarrow as pa

print("deltalake", deltalake.__version__)
nan = float("nan")


def create(*files):
    """A table of these files, with ids from 1."""
    shutil.rmtree("t", ignore_errors=True)
    first = 1
    for values in files:
        deltalake.write_deltalake("t", pa.table({"id": range(first, first + len(values)), "v": values}), mode="append")
        first += len(values)
    return deltalake.DeltaTable("t")


def ask(condition, *files):
    """The ids that delta-rs and Polars find, and those that a delete leaves."""
    table = create(*files)
    found = deltalake.QueryBuilder().register("t", table).execute(f"select id from t where {condition}").read_all()
    polars = pl.scan_delta("t").filter(pl.sql_expr(condition)).collect()
    table.delete(condition)
    return [sorted(rows["id"].to_pylist()) for rows in (pa.table(found), polars.to_arrow(), pl.read_delta("t").to_arrow())]


files = [1.0, nan], [9.0, nan]
expect("v < 5.0", ask("v < 5.0", *files), [[1, 2], [1], [3, 4]])
expect("v = 1.0", ask("v = 1.0", *files), [[1, 2], [1], [3, 4]])
expect("v > 5.0, NaN greatest", ask("v > 5.0", *files), [[3, 4], [2, 3, 4], [1, 2]])
expect("v < 5.0, all in one file", ask("v < 5.0", [1.0, nan, 9.0, nan]), [[1], [1], [2, 3, 4]])
expect("v < 5.0, with a NULL", ask("v < 5.0", [1.0, nan, None], [9.0, nan]), [[1], [1], [2, 3, 4, 5]])
create(*files).delete("v < 5.0 and not isnan(v)")
expect("left by v < 5.0 and not isnan(v)", pl.read_delta("t")["id"].sort().to_list(), [3, 4])
create(*files).delete("abs(v) < 5.0")
expect("left by abs(v) < 5.0", pl.read_delta("t")["id"].sort().to_list(), [2, 3, 4])
PY
