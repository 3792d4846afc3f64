#!/usr/bin/env bash
# Question: No film lacked a year when the model was trained. In production one does. The trees never saw a missing
#   year: what do they predict, if a film scores 0 in 1950 and 7.4 in 2024?
# Guess: Something near the mean, or an error: nothing was learned about it.
# What happens: XGBoost sends NaN to the right of each split, as the largest year: 7.4. CatBoost sends it to the left:
#   0. LightGBM takes it for the number 0, which is a year before all others, 0.0; if the same years count from 1990, it
#   is the year 1990: 4.0. scikit-learn's boosting follows the larger half, 5.6. interpret's EBM gives the mean, 3.8.
#   There is no warning. If one film in a hundred lacked a year in training, all five come near the mean of such films,
#   1.
# Versions: xgboost 3.2.0, lightgbm 4.7.0, catboost 1.2.10, scikit-learn 1.9.1, interpret-core 0.7.8.
# For a user: Refuse or impute a missing value of a feature that was complete in training; or blank some values in
#   training.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile xgboost-cpu==3.2.0 lightgbm==4.7.0 catboost==1.2.10 scikit-learn==1.9.1 interpret-core==0.7.8 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import catboost
import lightgbm
import numpy as np
import sklearn
import xgboost
from interpret.glassbox import ExplainableBoostingRegressor
from sklearn.ensemble import HistGradientBoostingRegressor

print("xgboost", xgboost.__version__, "| lightgbm", lightgbm.__version__, "| catboost", catboost.__version__, "| scikit-learn", sklearn.__version__)
models = {
    "XGBoost": lambda: xgboost.XGBRegressor(n_estimators=50, n_jobs=1),
    "CatBoost": lambda: catboost.CatBoostRegressor(n_estimators=200, thread_count=1, allow_writing_files=False, verbose=0),
    "LightGBM": lambda: lightgbm.LGBMRegressor(n_estimators=50, n_jobs=1, verbose=-1),
    "scikit-learn": lambda: HistGradientBoostingRegressor(max_iter=50),
    "interpret": lambda: ExplainableBoostingRegressor(outer_bags=4, n_jobs=1, random_state=0),
}
years = np.random.default_rng(0).integers(1950, 2025, size=(2000, 1)).astype(float)
score = (years[:, 0] - 1950) / 10


def of_missing(columns, target, known=True, missing=np.nan):
    """What each model predicts for a missing year, after it predicts known years well."""
    found = {}
    for name, make in models.items():
        model = make().fit(columns, target)
        assert not known or np.allclose(model.predict(columns), target, atol=0.1)
        found[name] = abs(round(float(model.predict(np.array([[missing]]))[0]), 1))
    return found


expect("mean of all films", round(float(score.mean()), 1), 3.8)
learned = {"XGBoost": 7.4, "CatBoost": 0.0, "LightGBM": 0.0, "scikit-learn": 5.6, "interpret": 3.8}
expect("a missing year", of_missing(years, score), learned)
expect("a missing year, years since 1990", of_missing(years - 1990, score), {**learned, "LightGBM": 4.0})
gaps, target = years.copy(), score.copy()
gaps[::100], target[::100] = np.nan, 1.0
expect("a missing year, 1 % were missing", of_missing(gaps, target, known=False), dict.fromkeys(models, 1.0))
PY
