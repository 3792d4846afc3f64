#!/usr/bin/env bash
# Question: One NaN in a column: do max, cum_max and clip of Narwhals treat it alike on Polars and DuckDB?
# Guess: Yes: An expression of Narwhals is meant to mean the same on every backend.
# What happens: max: 2.5 on Polars, NaN on DuckDB. clip(0, 1): NaN stays on Polars, becomes 1.0 on DuckDB.
#   cum_max stays 2.5 on Polars and is NaN from there on with DuckDB. The mean is NaN on both.
# Versions: narwhals 2.29.0, polars 2.1.0, duckdb 2.0.0.
# For a user: A feature pipeline with NaN in it has no portable meaning. Make NaN null at the door:
#   fill_nan(None).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile narwhals==2.29.0 polars==2.1.0 duckdb==2.0.0 pyarrow==25.0.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import narwhals as nw
import polars as pl


import duckdb

print("narwhals", nw.__version__, "polars", pl.__version__, "duckdb", duckdb.__version__)
nan = float("nan")
frame = pl.DataFrame({"n": [1, 2, 3], "v": [2.5, nan, 0.5]})
relation = duckdb.sql("from frame")
v = nw.col("v")


def both(make):
    lazy = [make(nw.from_native(native)).to_native() for native in (frame.lazy(), relation)]
    return [r[-1] for r in lazy[0].collect().rows()], [r[-1] for r in lazy[1].fetchall()]


expect("max", both(lambda t: t.select(v.max())), ([2.5], [nan]))
expect("mean", both(lambda t: t.select(v.mean())), ([nan], [nan]))
expect("clip(0, 1)", both(lambda t: t.sort("n").select(v.clip(0, 1))), ([1.0, nan, 0.5], [1.0, 1.0, 0.5]))
expect("cum_max", both(lambda t: t.with_columns(c=v.cum_max().over(order_by="n")).sort("n").select("c")), ([2.5, 2.5, 2.5], [2.5, nan, nan]))
PY
