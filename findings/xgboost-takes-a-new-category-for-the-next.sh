#!/usr/bin/env bash
# Question: XGBoost learned the kinds movie, short and tv, as categories of a pandas or Polars frame. A new film is of
#   the kind "game". What does the model predict for it?
# Guess: The same as for a missing kind, as LightGBM and scikit-learn do, or an error.
# What happens: The answer depends on the alphabet. XGBoost, since 3.1, looks new names up among those of training by
#   binary search, and takes the one that it comes to: a game counts as a movie, a podcast as a short, a sport as tv.
#   Only a name behind all others, like video, is an error, "Found a category not in the training set". Polars frames
#   and loaded models do the same. There is no warning; a missing kind gets 7, as learned. XGBoost's manual says that an
#   invalid category is treated as missing in prediction.
# Versions: xgboost 3.2.0, lightgbm 4.7.0, scikit-learn 1.9.1, pandas 3.1.1, polars 2.1.0.
# For a user: Cast to the categories of training, so that others become missing: cat.set_categories, or a Polars Enum
#   with strict=False.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile xgboost-cpu==3.2.0 lightgbm==4.7.0 scikit-learn==1.9.1 pandas==3.1.1 polars==2.1.0 numpy==2.4.6 pyarrow==26.0.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import lightgbm
import numpy as np
import pandas as pd
import polars as pl
import sklearn
import xgboost
from sklearn.ensemble import HistGradientBoostingRegressor

print("xgboost", xgboost.__version__, "| lightgbm", lightgbm.__version__, "| scikit-learn", sklearn.__version__)
scores = {"movie": 1.0, "short": 5.0, "tv": 9.0, None: 7.0}
kinds = np.random.default_rng(0).choice(np.array([*scores], dtype=object), 2000)
target = [scores[kind] for kind in kinds]
known = ["movie", "short", "tv"]
new = ["game", "podcast", "sport", "movie", "short", "tv", None]


def predicted(model, rows):
    """Rounded predictions for the new films."""
    return [round(float(value)) for value in model.predict(rows)]


def fitted(model, categories=known):
    return model.fit(pd.DataFrame({"kind": pd.Categorical(kinds, categories=categories)}), target)


asked = pd.DataFrame({"kind": pd.Categorical(new)})
as_others, as_missing = [1, 5, 9, 1, 5, 9, 7], [7, 7, 7, 1, 5, 9, 7]
xgb = fitted(xgboost.XGBRegressor(enable_categorical=True, n_jobs=1))
expect(f"XGBoost, {new}", predicted(xgb, asked), as_others)
expect("with a DMatrix", predicted(xgb.get_booster(), xgboost.DMatrix(asked, enable_categorical=True)), as_others)
expect("by Polars", predicted(xgb, pl.DataFrame({"kind": pl.Series(new, dtype=pl.Enum(sorted(filter(None, new))))})), as_others)
xgb.save_model("model.json")
loaded = xgboost.XGBRegressor()
loaded.load_model("model.json")
expect("loaded", predicted(loaded, asked), as_others)
expect("other order in training", predicted(fitted(xgboost.XGBRegressor(enable_categorical=True, n_jobs=1), known[::-1]), asked), as_others)
try:
    predicted(xgb, pd.DataFrame({"kind": pd.Categorical(["video"])}))
    sys.exit("CHANGED: a video is accepted")
except xgboost.core.XGBoostError as error:
    print("video:", str(error).split("\n")[0].split(": ", 1)[1])
expect("XGBoost, cast to the known kinds", predicted(xgb, asked.assign(kind=asked["kind"].cat.set_categories(known))), as_missing)
expect("LightGBM", predicted(fitted(lightgbm.LGBMRegressor(n_jobs=1, verbose=-1, min_data_per_group=1, cat_smooth=0)), asked), as_missing)
expect("scikit-learn", predicted(fitted(HistGradientBoostingRegressor(categorical_features="from_dtype")), asked), as_missing)
PY
