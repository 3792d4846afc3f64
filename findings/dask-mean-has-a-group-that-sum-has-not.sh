#!/usr/bin/env bash
# Question: Films are grouped by genre in Dask; some have none. Do sum and mean give the same groups?
# Guess: Yes: as in pandas, dropna is True by default, and rows without a key are left out of every aggregation.
# What happens: sum, count, min, max, median and others leave them out. mean, std and var have one more group for them,
#   with a missing key. So a table of sums and a table of means have different lengths, and the mean of the means
#   changes. agg leaves the group out, of means as well. With dropna=False, nunique is the one that differs: it leaves
#   the group out. Only an explicit dropna=True gives the same groups everywhere.
# Versions: dask 2026.8.0, pandas 3.1.1.
# For a user: Always pass dropna=True, or drop the rows before. Known: an open pull request, 12574, of dask.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'dask[dataframe]==2026.8.0' pandas==3.1.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import dask
import dask.dataframe as dd
import pandas as pd

print("dask", dask.__version__, "| pandas", pd.__version__)
pd.DataFrame({"genre": ["Drama", "Drama", "War", None, None], "v": [1.0, 3.0, 5.0, 100.0, 200.0]}).to_parquet("films.parquet")
eager, lazy = pd.read_parquet("films.parquet"), dd.read_parquet("films.parquet")
common = ["sum", "count", "min", "max", "median", "size", "first", "nunique"]
wider = ["mean", "std", "var"]


def groups(frame, function, **options):
    """The number of groups, and for Dask's frames computed."""
    result = getattr(frame.groupby("genre", **options).v, function)()
    return len(result.compute() if frame is lazy else result)


expect("pandas", [groups(eager, one) for one in common + wider], [2] * 11)
expect("Dask, sum and others", [groups(lazy, one) for one in common], [2] * 8)
expect("Dask, mean, std and var", [groups(lazy, one) for one in wider], [3] * 3)
expect("mean of the means, pandas", eager.groupby("genre").v.mean().mean().item(), 3.5)
expect("mean of the means, Dask", round(lazy.groupby("genre").v.mean().compute().mean().item(), 2), 52.33)
expect("agg of sum, of mean", [len(lazy.groupby("genre").agg({"v": one}).compute()) for one in ("sum", "mean")], [2, 2])
expect("dropna=True", {groups(lazy, one, dropna=True) for one in common + wider}, {2})
expect("dropna=False, nunique", [groups(eager, "nunique", dropna=False), groups(lazy, "nunique", dropna=False)], [3, 2])
expect("dropna=False, others", {groups(lazy, one, dropna=False) for one in common[:-1] + wider}, {3})
PY
