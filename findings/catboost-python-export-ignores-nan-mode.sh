#!/usr/bin/env bash
# Question: A CatBoost model with nan_mode="Max" (missing values count as the greatest) is exported as Python
#   code. Where does it send a missing value?
# Guess: Where the model does, as the ONNX, JSON and cbm files do, or the export refuses.
# What happens: To the other side: the code asks "feature > border", which is false for NaN, so that missing
#   counts as the smallest. Rows without missing values agree exactly, and with nan_mode "Min" all do.
# Versions: catboost 1.2.10, onnxruntime 1.32.0.
# For a user: Only the rows with missing values get wrong predictions. Put infinity for NaN before you call the
#   exported code.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile catboost==1.2.10 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import catboost
import numpy as np
import onnxruntime

print("catboost", catboost.__version__)
rng = np.random.default_rng(0)
rows = rng.normal(size=(600, 2)).astype("float32")
rows[rng.random(600) < 0.3, 0] = np.nan
target = np.nan_to_num(rows[:, 0], nan=9) + rows[:, 1]
missing = np.isnan(rows[:, 0])


def errors(mode):
    """Greatest distances from predict(), without and with missing values: ONNX, Python; and Python with infinity put in."""
    model = catboost.CatBoostRegressor(nan_mode=mode, iterations=50, thread_count=1, verbose=False, allow_writing_files=False)
    own = model.fit(rows, target).predict(rows)
    model.save_model("model.onnx", format="onnx")
    session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
    by_onnx = session.run(None, {"features": rows})[0].ravel()
    model.save_model("model.py", format="python")
    space = {}
    with open("model.py") as file:
        exec(file.read(), space)

    def by_python(values):
        return np.array([space["apply_catboost_model"](row) for row in values.tolist()])

    filled = np.nan_to_num(rows, nan=np.inf)
    found = by_onnx, by_python(rows), by_python(filled)
    return [[bool(np.abs(own - values)[part].max() > 0.1) for part in (~missing, missing)] for values in found]


expect("Min", errors("Min")[:2], [[False, False], [False, False]])
expect("Max: ONNX, Python, Python filled", errors("Max"), [[False, False], [False, True], [False, False]])
PY
