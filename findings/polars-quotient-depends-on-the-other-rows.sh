#!/usr/bin/env bash
# Question: A rating is kept as 7 tenths. Is pl.col("tenths") / 10 the number 0.7 in Polars?
# Guess: Yes: a division of doubles is rounded once, by IEEE 754; Python, NumPy and DuckDB say 0.7.
# What happens: Alone in its frame it is 0.7; among other rows it is 0.7000000000000001. Polars multiplies a column by the
#   reciprocal of a constant, so a third of the tenths differ in their last bit, also for integer columns; one row, and
#   in the streaming engine a rest of rows, are divided. Three equal rows have two different quotients there. Divided by a
#   column that holds 10 in memory, each quotient is right.
# Versions: polars 2.1.0, numpy 2.4.6, duckdb 2.0.0.
# For a user: A test on one row passes, and a join or a comparison on the quotient misses rows of the whole table. Compare
#   integers, or round the quotient: (pl.col("tenths") / 10).round(1).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 numpy==2.4.6 duckdb==2.0.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys

import duckdb
import numpy as np
import polars as pl


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if got != want:
        sys.exit(f"CHANGED: {what} was {want!r}")


def quotients(values, divisor=10, engine="in-memory"):
    frame = pl.DataFrame({"tenths": values}).lazy().select(pl.col("tenths") / divisor)
    return frame.collect(engine=engine)["tenths"].to_list()


expect("Python", 7.0 / 10, 0.7)
expect("one row", quotients([7.0]), [0.7])
expect("three rows", quotients([7.0] * 3), [0.7000000000000001] * 3)
expect("three rows of integers", quotients([7] * 3), [0.7000000000000001] * 3)
expect("three rows, streaming", sorted(set(quotients([7.0] * 3, engine="streaming"))), [0.7, 0.7000000000000001])
expect("rounded", pl.DataFrame({"tenths": [7.0] * 3}).select((pl.col("tenths") / 10).round(1))["tenths"].to_list(), [0.7] * 3)

tenths = np.arange(1000.0)
frame = pl.DataFrame({"tenths": tenths, "ten": np.full(1000, 10.0)})
expect("of 1,000 other than NumPy's", int((np.array(quotients(tenths)) != tenths / 10).sum()), 352)
expect("by a column", int((frame.select(pl.col("tenths") / pl.col("ten"))["tenths"].to_numpy() != tenths / 10).sum()), 0)
there = duckdb.sql("select tenths / 10 as x from frame").fetchnumpy()["x"]
expect("DuckDB's other than NumPy's", int((there != tenths / 10).sum()), 0)
PY
