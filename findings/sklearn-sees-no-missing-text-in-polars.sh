#!/usr/bin/env bash
# Question: A table has films without a genre. Do scikit-learn's imputer, encoders and indicator find them in a Polars
#   frame as they do in the same frame in pandas?
# Guess: Yes. scikit-learn takes Polars frames, and finds missing numbers in them.
# What happens: No missing text and no missing boolean is found. SimpleImputer leaves None in, MissingIndicator says
#   that nothing is missing, OrdinalEncoder gives None the next number after the last category instead of
#   encoded_missing_value. The reason is that None in an array of objects is not NaN, the value that all of them look
#   for; pandas 3 has NaN in its texts. An encoder that was fitted on Polars takes a missing genre from pandas for an
#   unknown one. There is no warning. Missing numbers are found, as Polars hands them over as NaN.
# Versions: scikit-learn 1.9.1, polars 2.1.0, pandas 3.1.1.
# For a user: Fill nulls in Polars, or set missing_values=None for the columns of texts and booleans.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile scikit-learn==1.9.1 polars==2.1.0 pandas==3.1.1 pyarrow==26.0.1 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings

warnings.simplefilter("error")
import pandas as pd
import polars as pl
import sklearn
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.preprocessing import OrdinalEncoder

print("scikit-learn", sklearn.__version__, "| polars", pl.__version__, "| pandas", pd.__version__)
films = pl.DataFrame({"genre": ["Drama", "Comedy", None, "Drama"], "year": [1999, None, 2001, 1999], "adult": [True, None, False, True]})
genre, year = films.select("genre"), films.select("year")
same = genre.to_pandas()


def values(transformer, fitted, rows=None):
    return transformer.fit(fitted).transform(fitted if rows is None else rows).ravel().tolist()


def imputer(**settings):
    return SimpleImputer(strategy="most_frequent", **settings)


def encoder():
    return OrdinalEncoder(encoded_missing_value=-9, handle_unknown="use_encoded_value", unknown_value=-1)


expect("imputed, pandas", values(imputer(), same), ["Drama", "Comedy", "Drama", "Drama"])
expect("imputed, Polars", values(imputer(), genre), ["Drama", "Comedy", None, "Drama"])
expect("imputed, Polars, missing_values=None", values(imputer(missing_values=None), genre), ["Drama", "Comedy", "Drama", "Drama"])
expect("imputed booleans, Polars", values(imputer(), films.select("adult")), [True, None, False, True])
expect("imputed numbers, Polars", values(imputer(), year), [1999.0, 1999.0, 2001.0, 1999.0])
expect("missing, pandas", values(MissingIndicator(features="all"), same), [False, False, True, False])
expect("missing, Polars", values(MissingIndicator(features="all"), genre), [False, False, False, False])
expect("encoded, pandas", values(encoder(), same), [1.0, 0.0, -9.0, 1.0])
expect("encoded, Polars", values(encoder(), genre), [1.0, 0.0, 2.0, 1.0])
expect("fitted on Polars, rows by pandas", values(encoder(), genre, same), [1.0, 0.0, -1.0, 1.0])
PY
