#!/usr/bin/env bash
# Question: XGBRegressor was fitted on a Polars frame with columns a, b. predict gets the columns as b, a. What happens?
# Guess: ValueError "feature_names mismatch", as with a pandas frame: the model knows its names, and validate_features is on.
# What happens: With Polars (also lazy) and with Arrow tables the columns are taken by position: other predictions, without a
#   word; columns of other names are taken too, and score() falls from 0.96 to 0. Only the number of columns is checked.
#   predict goes through Booster.inplace_predict, which compares names of pandas frames only. A DMatrix of the same
#   frame raises, so xgboost's two ways to predict differ.
# Versions: xgboost 3.2.0, polars 2.1.0, pyarrow 25.0.1, pandas 2.3.3.
# For a user: A select in another order, or a join that adds columns first, gives plausible wrong numbers. Select
#   frame.select(model.get_booster().feature_names) before predict.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile xgboost==3.2.0 polars==2.1.0 pyarrow==25.0.1 pandas==2.3.3 numpy==2.4.6 scikit-learn==1.9.0

venv/bin/python - <<'PY'
import sys

import numpy as np
import polars as pl
import xgboost as xgb

values = np.random.default_rng(0).normal(size=400)
train, target = pl.DataFrame({"a": values, "b": np.zeros(400)}), values * 2
model = xgb.XGBRegressor(n_estimators=5, n_jobs=1).fit(train, target)
rows = pl.DataFrame({"a": [-2.0, 2.0], "b": [0.0, 0.0]})
swapped = rows.select("b", "a")


def expect(what, predict, want):
    try:
        got = [round(float(value), 2) for value in predict()]
    except ValueError as error:
        got = str(error).partition(":")[0]
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


print("names of the model:", model.get_booster().feature_names)
expect("columns a, b", lambda: model.predict(rows), [-3.37, 3.27])
expect("columns b, a of Polars", lambda: model.predict(swapped), [0.01, 0.01])
expect("columns b, a, lazily", lambda: model.predict(swapped.lazy()), [0.01, 0.01])
expect("columns b, a of Arrow", lambda: model.predict(swapped.to_arrow()), [0.01, 0.01])
expect("columns x, y of Polars", lambda: model.predict(rows.rename({"a": "x", "b": "y"})), [-3.37, 3.27])
booster = model.get_booster()
expect("inplace_predict, validating", lambda: booster.inplace_predict(swapped, validate_features=True), [0.01, 0.01])
expect("columns b, a of pandas", lambda: model.predict(swapped.to_pandas()), "feature_names mismatch")
expect("columns b, a as DMatrix", lambda: booster.predict(xgb.DMatrix(swapped)), "feature_names mismatch")
expect("score", lambda: np.array([model.score(train, target), model.score(train.select("b", "a"), target)]), [0.96, -0.0])
PY
