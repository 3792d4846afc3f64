#!/usr/bin/env bash
# Question: does a saved XGBRegressor keep its parameter `missing`, the number that stands for "no value"?
# Guess: yes. It decides what every later prediction means, so it belongs to the model.
# What happens: it is not written. After load_model it is NaN again, and -1 is read as a number.
#   Predictions are off by several units, without a warning. Both formats, JSON and UBJ, do it.
#   The Booster that is inside never knew it: `missing` is a matter of the matrix.
# Versions: xgboost-cpu 3.2.0, scikit-learn 1.9.1, numpy 2.4.6.
# What follows: write missing values as NaN before training, or store `missing` beside the model and pass it at loading.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check xgboost-cpu==3.2.0 scikit-learn==1.9.1 numpy==2.4.6
WORK="$work" "$work/venv/bin/python" - <<'PY'
import os

import numpy as np
import xgboost as xgb

print("xgboost", xgb.__version__)
rng = np.random.default_rng(0)
rows = rng.uniform(0, 10, size=(4000, 3))
rows[rng.random(rows.shape) < 0.2] = -1  # no value
target = np.where(rows[:, 0] < 0, 20, rows[:, 0]) + rng.normal(size=4000) * 0.1
model = xgb.XGBRegressor(n_estimators=20, max_depth=3, missing=-1, n_jobs=1).fit(rows, target)
for ending in ("json", "ubj"):
    path = f"{os.environ['WORK']}/model.{ending}"
    model.save_model(path)
    loaded = xgb.XGBRegressor()
    loaded.load_model(path)
    off = abs(loaded.predict(rows) - model.predict(rows)).max()
    told = xgb.XGBRegressor(missing=-1)
    told.load_model(path)
    print(ending, "| missing:", model.missing, "->", loaded.missing, "| largest difference:", off,
          "| told at loading:", abs(told.predict(rows) - model.predict(rows)).max())
    assert np.isnan(loaded.missing)
    assert off > 3
    assert np.array_equal(told.predict(rows), model.predict(rows))
PY
