#!/usr/bin/env bash
# Question: A LightGBM model that was trained with zero_as_missing=True (a count of 0 is unknown) is exported.
#   Do rows with zeros, and rows with NaN, get the model's predictions?
# Guess: Yes; the model's text says of each split that its missing values are zeros.
# What happens: ONNX sends NaN the right way, but compares zeros as numbers; treelite compares zeros as numbers
#   and sends NaN another way, too. Neither says so. Rows without zeros and NaN agree exactly, so a test on such
#   rows passes. m2cgen refuses.
# Versions: lightgbm 4.7.0, onnxmltools 1.16.0, onnxruntime 1.32.0, treelite 4.8.1, m2cgen 0.10.0.
# For a user: Exactly the rows for which the option was set get wrong predictions. Put NaN for zero before
#   training, and train without the option.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile lightgbm==4.7.0 onnxmltools==1.16.0 onnx==1.23.2 skl2onnx==1.20.0 onnxruntime==1.32.0 treelite==4.8.1 m2cgen==0.10.0 scikit-learn==1.9.1 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import lightgbm as lgb
import m2cgen
import numpy as np
import onnxruntime
import treelite
from onnxmltools import convert_lightgbm
from skl2onnx.common.data_types import FloatTensorType

print("lightgbm", lgb.__version__, "treelite", treelite.__version__)
rng = np.random.default_rng(0)
rows = rng.normal(size=(600, 2)).astype("float32")
rows[rng.random(600) < 0.3, 0] = 0
target = np.where(rows[:, 0] == 0, 5, rows[:, 0]) + rows[:, 1]
model = lgb.LGBMRegressor(n_estimators=20, zero_as_missing=True, n_jobs=1, verbose=-1).fit(rows, target)
graph = convert_lightgbm(model, initial_types=[("x", FloatTensorType([None, 2]))])
session = onnxruntime.InferenceSession(graph.SerializeToString())
forest = treelite.frontend.from_lightgbm(model.booster_)


def differs(value):
    """Whether ONNX and treelite differ from the model, for 20 rows with this first column."""
    some = rows[-20:].copy()
    some[:, 0] = value
    own = model.predict(some)
    found = session.run(None, {"x": some})[0], treelite.gtil.predict(forest, some.astype("float64"))
    return [bool(np.abs(values.ravel() - own).max() > 0.1) for values in found]


expect("zero and NaN are one to the model", bool(np.allclose(model.predict([[0, 1.0]]), model.predict([[np.nan, 1.0]]))), True)
expect("0.7 differs in ONNX and treelite", differs(0.7), [False, False])
expect("0 differs in ONNX and treelite", differs(0), [True, True])
expect("NaN differs in ONNX and treelite", differs(np.nan), [False, True])
try:
    m2cgen.export_to_python(model)
    refusal = None
except ValueError as error:
    refusal = str(error)
expect("m2cgen", refusal, "Unknown missing_type: Zero")
PY
