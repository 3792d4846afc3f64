#!/usr/bin/env bash
# Question: A HashingEncoder of category_encoders was fitted on the years of films, which are integers. In a batch of
#   new films one year is missing. How are the other years encoded?
# Guess: As in training. Their values are the same.
# What happens: Nearly all fall into other columns: with the gap pandas makes the years floats, and the encoder hashes
#   their text, "1999.0" in place of "1999". With 8 columns 11 of 60 years keep theirs, with 64
#   none. OrdinalEncoder, OneHotEncoder, BinaryEncoder and CountEncoder look values up and take 1999.0 for 1999. There
#   is no warning.
# Versions: category-encoders 2.11.2, pandas 2.3.3. The documentation does not speak of types.
# For a user: Cast such columns by way of "Int64" to text before the encoder, in training and later.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile category-encoders==2.11.2 scikit-learn==1.9.1 statsmodels==0.15.0 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings

import category_encoders as encoders
import pandas as pd

print("category-encoders", encoders.__version__, "| pandas", pd.__version__)
warnings.simplefilter("error")
years = pd.DataFrame({"year": range(1960, 2020)})
gap = pd.concat([years, pd.DataFrame({"year": [None]})], ignore_index=True).astype({"year": "float64"})


def kept(name, then=gap, **options):
    """How many of the 60 years have the same columns beside a missing year."""
    encoder = getattr(encoders, name)(cols=["year"], **options).fit(years)
    was, now = (encoder.transform(frame).to_numpy()[:60] for frame in (years, then))
    return int((was == now).all(axis=1).sum())


for name in ("OrdinalEncoder", "OneHotEncoder", "BinaryEncoder", "CountEncoder"):
    expect(name, kept(name), 60)
expect("HashingEncoder", kept("HashingEncoder"), 11)
expect("HashingEncoder, 64 columns", kept("HashingEncoder", n_components=64), 0)
whole = gap["year"].astype("Int64").astype("string").to_frame()
moved = [encoders.HashingEncoder(cols=["year"]).fit_transform(frame)[:60] for frame in (years.astype(str), whole)]
expect("HashingEncoder, texts", int((moved[0].to_numpy() == moved[1].to_numpy()).all(axis=1).sum()), 60)
PY
