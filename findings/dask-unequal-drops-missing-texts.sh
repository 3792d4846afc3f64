#!/usr/bin/env bash
# Question: df[df.genre != "Drama"] in pandas keeps films without a genre. Does the same line in Dask?
# Guess: Yes: Dask's frames are pandas frames, and follow pandas' rules for missing values.
# What happens: It drops them. Dask converts columns of text to a type whose missing value is pandas.NA, not NaN. A
#   comparison with NA is NA, and a mask drops such rows. df.query keeps them for the same condition, in Dask as well,
#   and so do ~isin and columns of numbers. A film without a genre is therefore neither in df[genre == "Drama"] nor in
#   df[genre != "Drama"], and a pipeline that moves from pandas to Dask loses rows without a word.
# Versions: dask 2026.8.0, pandas 3.1.1.
# For a user: Add "| df.genre.isna()" to the condition. The option dataframe.convert-string turns the conversion off.
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
pd.DataFrame({"id": [1, 2, 3, 4], "genre": ["Drama", "War", None, None], "year": [2001, 2002, 2003, None]}).to_parquet("films.parquet")
films = pd.read_parquet("films.parquet")
frames = [films, dd.read_parquet("films.parquet"), dd.from_pandas(films, npartitions=2)]


def ids(choose):
    """The chosen ids in pandas, in Dask from a file, and in Dask from pandas."""
    return [list(map(int, dask.compute(choose(frame).id)[0])) for frame in frames]


expect("genre != 'Drama'", ids(lambda df: df[df.genre != "Drama"]), [[2, 3, 4], [2], [2]])
expect("not (genre == 'Drama')", ids(lambda df: df[~(df.genre == "Drama")]), [[2, 3, 4], [2], [2]])
expect("query: genre != 'Drama'", ids(lambda df: df.query("genre != 'Drama'")), [[2, 3, 4]] * 3)
expect("genre not in ['Drama']", ids(lambda df: df[~df.genre.isin(["Drama"])]), [[2, 3, 4]] * 3)
expect("year != 2001", ids(lambda df: df[df.year != 2001]), [[2, 3, 4]] * 3)
expect("genre != 'Drama', or missing", ids(lambda df: df[(df.genre != "Drama") | df.genre.isna()]), [[2, 3, 4]] * 3)
with dask.config.set({"dataframe.convert-string": False}):
    frames[1:] = [dd.read_parquet("films.parquet"), dd.from_pandas(films, npartitions=2)]
    expect("genre != 'Drama', without conversion", ids(lambda df: df[df.genre != "Drama"]), [[2, 3, 4]] * 3)
PY
