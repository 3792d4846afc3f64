#!/usr/bin/env bash
# Question: A Streamlit page adds up the votes of a Polars table of 100 films in a function with st.cache_data. The
#   votes of one film are corrected. Does the page show the new sum?
# Guess: Yes: the function's arguments are the key of the cache.
# What happens: Only if the film is among the first ten or the last ten. The key is made of the hashes of the rows,
#   written as text by Arrow, which writes "..." in place of all but ten at each end. Of 100 corrections, one for each
#   row, 80 give the old sum, without a warning; of 49,999 rows 49,979 would. A Series is the same. A pandas table is
#   hashed whole up to 49,999 rows, and by 10,000 rows, always at the same positions, from 50,000 rows on: of 100
#   corrections of 60,000 rows 88 are overlooked. Only the option runner.cacheHashSeed describes that sample, nothing
#   the first.
# Versions: streamlit 1.67.0, polars 2.1.0, pandas 3.1.1, pyarrow 25.0.1.
# For a user: Begin the table's parameter with an underscore, and add a parameter that changes with the data, such as
#   the day; or set hash_funcs={pl.DataFrame: lambda films: films.hash_rows().to_list()}.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile streamlit==1.67.0 polars==2.1.0 pandas==3.1.1 numpy==2.4.6 pyarrow==25.0.1

venv/bin/python -W ignore - <<'PY' 2>log || { cat log; exit 1; }
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import logging

import numpy as np
import pandas as pd
import polars as pl
import streamlit as st

logging.disable(logging.CRITICAL)
print("streamlit", st.__version__, "| polars", pl.__version__, "| pandas", pd.__version__)


@st.cache_data
def total(votes):
    return int(votes.to_numpy().sum())


@st.cache_data(hash_funcs={pl.DataFrame: lambda films: films.hash_rows().to_list()})
def careful(votes):
    return int(votes.to_numpy().sum())


def overlooked(make, rows, function=total):
    """Of up to 100 corrections of one row each, the rows whose correction leaves the sum as it was."""
    votes = np.ones(rows, dtype=int)
    before, found = function(make(votes)), []
    for row in np.linspace(0, rows - 1, min(rows, 100)).astype(int):
        corrected = votes.copy()
        corrected[row] = 1_000_000 + row
        if function(make(corrected)) == before:
            found.append(int(row))
    return found


def polars_frame(votes):
    return pl.DataFrame({"votes": votes})


def pandas_frame(votes):
    return pd.DataFrame({"votes": votes})


expect("Polars, 20 rows", overlooked(polars_frame, 20), [])
expect("Polars, 100 rows", overlooked(polars_frame, 100) == list(range(10, 90)), True)
expect("a Polars Series of 100", overlooked(pl.Series, 100) == list(range(10, 90)), True)
expect("Polars, 100 rows, hash_funcs", overlooked(polars_frame, 100, careful), [])
expect("Polars, 49,999 rows", len(overlooked(polars_frame, 49_999)), 98)
expect("pandas, 100 rows", overlooked(pandas_frame, 100), [])
expect("pandas, 49,999 rows", overlooked(pandas_frame, 49_999), [])
expect("pandas, 60,000 rows", len(overlooked(pandas_frame, 60_000)), 88)
PY
