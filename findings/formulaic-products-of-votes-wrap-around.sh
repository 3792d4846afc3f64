#!/usr/bin/env bash
# Question: A regression explains a film's gross by price:votes, the product of two columns of 32-bit integers, as
#   Parquet files often hold them. Does formulaic compute the product that patsy does?
# Guess: Yes. A design matrix has floats, which hold such products.
# What happens: formulaic multiplies the columns in their own type, and the product wraps around: 5000 times 2,000,000
#   is 1410065408 in place of ten thousand millions, and 9 times 30 in 8 bits is 14. patsy makes floats first. In
#   statsmodels with formula_engine="formulaic", R² of an exact relation falls from 1.0 to 0.09. 64-bit integers wrap
#   around, too. There is no warning, and columns in Polars' frames do the same.
# Versions: formulaic 1.2.2, patsy 1.0.3, statsmodels 0.15.0, pandas 2.3.3.
# For a user: Cast integers to float before an interaction.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile formulaic==1.2.2 patsy==1.0.3 statsmodels==0.15.0 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1 polars==2.1.0 narwhals==2.29.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
import polars as pl
import statsmodels
import statsmodels.formula.api as smf
from formulaic import model_matrix
from patsy import dmatrix
from statsmodels.formula import options

print("formulaic", version("formulaic"), "| patsy", version("patsy"), "| statsmodels", statsmodels.__version__)
warnings.simplefilter("error")


def products(frame):
    """Products of the first row by formulaic and by patsy."""
    by_patsy = dmatrix("price:votes - 1", {name: frame[name].to_numpy() for name in ("price", "votes")})
    return float(np.asarray(model_matrix("price:votes - 1", frame))[0, 0]), float(np.asarray(by_patsy)[0, 0])


small = pd.DataFrame({"price": [9, 2], "votes": [30, 5]})
large = pd.DataFrame({"price": [5000, 7], "votes": [2_000_000, 100]})
huge = pd.DataFrame({"price": [5_000_000_000, 7], "votes": [2_000_000_000, 100]})
expect("9 * 30, 8 bits", products(small.astype("uint8")), (14.0, 270.0))
expect("5000 * 2000000, 32 bits", products(large.astype("int32")), (1410065408.0, 10000000000.0))
expect("5000 * 2000000, 32 bits, Polars", products(pl.from_pandas(large.astype("int32"))), (1410065408.0, 10000000000.0))
expect("5000 * 2000000, 64 bits", products(large), (10000000000.0, 10000000000.0))
expect("5e9 * 2e9, 64 bits", products(huge), (-8.446744073709552e+18, 1e+19))
expect("5000 * 2000000, floats", products(large.astype(float)), (10000000000.0, 10000000000.0))

random = np.random.default_rng(0)
films = pd.DataFrame({"price": random.integers(500, 5000, 500), "votes": random.integers(0, 2_000_000, 500)})
films["gross"] = 0.3 * films["price"] * films["votes"]
films = films.astype({"price": "int32", "votes": "int32"})
for engine, r2 in (("formulaic", 0.09), ("patsy", 1.0)):
    options.formula_engine = engine
    fitted = smf.ols("gross ~ price:votes", films).fit()
    expect(f"R² by {engine}", round(float(fitted.rsquared), 2), r2)
PY
