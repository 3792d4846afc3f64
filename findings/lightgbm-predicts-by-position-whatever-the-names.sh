#!/usr/bin/env bash
# Question: A model is fitted on a frame with the columns year and votes. A service asks with the columns votes and
#   year, or with quite other names. Do the boosters find the columns, or refuse?
# Guess: They find them by name, as CatBoost does, or refuse, as scikit-learn does.
# What happens: LightGBM takes any frame by position, of pandas, Polars and Arrow: 9.0 becomes 1.0, and columns named x
#   and z are accepted. Only predict(..., validate_features=True) looks at names, and only at those of pandas.
#   interpret's EBM finds pandas' columns by name but takes Polars' by position, so that moving a service to Polars
#   changes its answers.
# Versions: lightgbm 4.7.0, interpret-core 0.7.8, catboost 1.2.10, scikit-learn 1.9.1, pandas 3.1.1, polars 2.1.0.
# For a user: Select frame[model.feature_name_] before each prediction.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile lightgbm==4.7.0 catboost==1.2.10 scikit-learn==1.9.1 interpret-core==0.7.8 pandas==3.1.1 polars==2.1.0 pyarrow==26.0.1 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import catboost
import lightgbm
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from interpret.glassbox import ExplainableBoostingRegressor
from sklearn.ensemble import HistGradientBoostingRegressor

print(*(f"{name} {version(name)} |" for name in ("lightgbm", "catboost", "scikit-learn", "interpret-core", "pandas")), "polars", pl.__version__)
random = np.random.default_rng(0)
films = pd.DataFrame({"year": random.uniform(0, 1, 1000), "votes": random.uniform(0, 1, 1000)})
score = films["year"] * 10
films_asked = {
    "as fitted": {"year": [0.9], "votes": [0.1]},
    "reordered": {"votes": [0.1], "year": [0.9]},
    "other names": {"x": [0.1], "z": [0.9]},
}


def answers(model, frame, **options):
    """The predictions for each frame, or None where it is refused."""
    model.fit(frame(films.to_dict("list")), score)
    found = []
    for columns in films_asked.values():
        try:
            found.append(round(float(np.ravel(model.predict(frame(columns), **options))[0]), 1))
        except Exception:
            found.append(None)
    return found


booster = lightgbm.LGBMRegressor(n_jobs=1, verbose=-1)
print("asked:", ", ".join(films_asked))
for name, frame in (("pandas", pd.DataFrame), ("Polars", pl.DataFrame), ("Arrow", pa.table)):
    expect(f"LightGBM, {name}", answers(booster, frame), [9.0, 1.0, 1.0])
expect("LightGBM, pandas, validated", answers(booster, pd.DataFrame, validate_features=True), [9.0, None, None])
expect("LightGBM, Polars, validated", answers(booster, pl.DataFrame, validate_features=True), [9.0, 1.0, 1.0])
for name, frame in (("pandas", pd.DataFrame), ("Polars", pl.DataFrame)):
    expect(f"CatBoost, {name}", answers(catboost.CatBoostRegressor(n_estimators=100, thread_count=1, verbose=0, allow_writing_files=False), frame), [9.0, 9.0, None])
    expect(f"scikit-learn, {name}", answers(HistGradientBoostingRegressor(), frame), [9.0, None, None])
additive = ExplainableBoostingRegressor(outer_bags=2, n_jobs=1, random_state=0)
expect("EBM, pandas", answers(additive, pd.DataFrame), [9.0, 9.0, 1.0])
expect("EBM, Polars", answers(additive, pl.DataFrame), [9.0, 1.0, 1.0])
PY
