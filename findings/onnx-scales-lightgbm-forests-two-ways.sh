#!/usr/bin/env bash
# Question: LightGBM's random forest (boosting="rf") predicts the mean of its trees. Is that so after export to
#   ONNX?
# Guess: Yes; "gbdt" and "dart" are right, and the text of the model says average_output.
# What happens: The Booster's export gives the sum: ten trees, ten times the prediction. The LGBMRegressor's
#   export of the very same trees gives the sum divided by 100, whatever their number: a tenth of the
#   prediction. Only a forest of 100 trees, exported from the wrapper, is right. treelite is right.
# Versions: lightgbm 4.7.0, onnxmltools 1.16.0, onnxruntime 1.32.0, treelite 4.8.1.
# For a user: A forest of 100 trees passes every test, and the next one, of 300, is three times too large.
#   Compare predictions after each export, or use treelite.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile lightgbm==4.7.0 onnxmltools==1.16.0 onnx==1.23.2 skl2onnx==1.20.0 onnxruntime==1.32.0 treelite==4.8.1 scikit-learn==1.9.1 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import lightgbm as lgb
import numpy as np
import onnxruntime
import treelite
from onnxmltools import convert_lightgbm
from skl2onnx.common.data_types import FloatTensorType

print("lightgbm", lgb.__version__, "treelite", treelite.__version__)
rng = np.random.default_rng(0)
rows = rng.normal(size=(600, 2)).astype("float32")
target = 6 + rows[:, 0]


def onnx(model):
    graph = convert_lightgbm(model, initial_types=[("x", FloatTensorType([None, 2]))])
    return onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"x": rows})[0]


def factors(boosting, trees):
    """How many times the model's predictions the exported ones are: of the Booster, of the wrapper, of treelite."""
    model = lgb.LGBMRegressor(boosting_type=boosting, n_estimators=trees, n_jobs=1, verbose=-1, subsample=0.6, subsample_freq=1)
    own = model.fit(rows, target).predict(rows)
    ours = treelite.gtil.predict(treelite.frontend.from_lightgbm(model.booster_), rows.astype("float64"))
    return [round(float((values.ravel() / own).mean()), 2) for values in (onnx(model.booster_), onnx(model), ours)]


expect("gbdt, 10 trees", factors("gbdt", 10), [1.0, 1.0, 1.0])
expect("dart, 10 trees", factors("dart", 10), [1.0, 1.0, 1.0])
expect("rf, 10 trees", factors("rf", 10), [10.0, 0.1, 1.0])
expect("rf, 100 trees", factors("rf", 100), [100.0, 1.0, 1.0])
expect("rf, 300 trees", factors("rf", 300), [300.0, 3.0, 1.0])
PY
