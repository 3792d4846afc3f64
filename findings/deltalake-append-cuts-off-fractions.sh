#!/usr/bin/env bash
# Question: A Delta table has a column INTEGER. Rows with 7.9, or with the text "12", are appended with
#   delta-rs. Are they refused, as are other columns or a missing column?
# Guess: Refused with a schema mismatch, unless schema_mode="merge".
# What happens: They are cast: 7.9 becomes 7, -7.9 becomes -7, "12" becomes 12, true becomes 1, and for a
#   BOOLEAN 2 and "yes" become true. Polars' write_delta does the same. Only values that cannot be cast at all
#   are refused: "7.9", "x", NaN, 3e10.
# Versions: deltalake 1.6.6, polars 2.1.0.
# For a user: A column whose type changed at the source loses its fractions for good. Compare the schemas before
#   an append.
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
rows = pa.table({"votes": pa.array([1], pa.int32()), "adult": [False]})


def append(write):
    """The new row after the append, or whether it was refused."""
    shutil.rmtree("t", ignore_errors=True)
    deltalake.write_deltalake("t", rows)
    try:
        write()
    except Exception as error:
        return "refused: " + str(error).split(":")[0].split(" '")[0]
    return pl.read_delta("t").filter((pl.col("votes") != 1) | pl.col("adult")).rows()


def by_delta(column, value):
    changed = rows.set_column(rows.column_names.index(column), column, pa.array([value]))
    return append(lambda: deltalake.write_deltalake("t", changed, mode="append"))


expect("7.9", by_delta("votes", 7.9), [(7, False)])
expect("-7.9", by_delta("votes", -7.9), [(-7, False)])
expect("text 12", by_delta("votes", "12"), [(12, False)])
expect("adult 2", by_delta("adult", 2), [(1, True)])
expect("adult yes", by_delta("adult", "yes"), [(1, True)])
frame = pl.DataFrame({"votes": [7.9], "adult": [False]})
expect("7.9 by Polars", append(lambda: frame.write_delta("t", mode="append")), [(7, False)])
for column, value in (("votes", "7.9"), ("votes", 3e10), ("votes", float("nan"))):
    expect(f"{value!r} is refused", by_delta(column, value).startswith("refused"), True)
missing = append(lambda: deltalake.write_deltalake("t", rows.select(["votes"]), mode="append"))
expect("a missing column is refused", missing.startswith("refused"), True)
PY
