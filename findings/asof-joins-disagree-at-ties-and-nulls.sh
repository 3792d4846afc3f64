#!/usr/bin/env bash
# Question: An as-of join takes the latest rating at or before a time, by key. Two ratings have the same time;
#   or the key is NULL; or "nearest" has one at equal distance on each side. Do Polars, pandas, pyarrow and
#   DuckDB agree?
# Guess: They agree; of ratings of the same time, the last row counts.
# What happens: Of equal times DuckDB takes one by the order of its input, here the first, and the last if the
#   input is sorted the other way round; the others take the last. pandas and pyarrow join a missing key with a
#   missing key, Polars and DuckDB do not. At equal distance pandas takes the earlier, Polars the later row,
#   which is in the future.
# Versions: polars 2.1.0, pandas 3.1.1, pyarrow 25.0.1, duckdb 2.0.0.
# For a user: Features of the same day differ by engine. Make times unique per key before the join, drop missing
#   keys, and do not use "nearest" for features.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 pandas==3.1.1 pyarrow==25.0.1 duckdb==2.0.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import duckdb
import pandas as pd
import polars as pl

print("polars", pl.__version__, "pandas", pd.__version__, "duckdb", duckdb.__version__)
schema = {"t": pl.Int64, "k": pl.String}
asked = pl.DataFrame({"t": [2, 5], "k": ["a", None]}, schema=schema)
ratings = pl.DataFrame({"t": [1, 2, 2, 2, 5], "k": ["a", "a", "a", "a", None], "v": [10, 21, 22, 23, 50]})


def by_duckdb(order):
    query = f"select v from asked asof left join (from ratings order by {order}) r on asked.k = r.k and asked.t >= r.t order by asked.t"
    return [row[0] for row in duckdb.sql(query).fetchall()]


expect("Polars", asked.join_asof(ratings, on="t", by="k")["v"].to_list(), [23, None])
expect("pandas", pd.merge_asof(asked.to_pandas(), ratings.to_pandas(), on="t", by="k")["v"].tolist(), [23, 50])
expect("pyarrow", asked.to_arrow().join_asof(ratings.to_arrow(), on="t", by="k", tolerance=-10)["v"].to_pylist(), [23, 50])
expect("DuckDB", by_duckdb("v"), [21, None])
expect("DuckDB, other order", by_duckdb("v desc"), [23, None])
one, sides = pl.DataFrame({"t": [5]}), pl.DataFrame({"t": [3, 7], "v": [3, 7]})
expect("nearest, Polars", one.join_asof(sides, on="t", strategy="nearest")["v"].to_list(), [7])
expect("nearest, pandas", pd.merge_asof(one.to_pandas(), sides.to_pandas(), on="t", direction="nearest")["v"].tolist(), [3])
PY
