#!/usr/bin/env bash
# Question: scikit-learn's trees and forests are trained on rows with missing values (NaN). Does the ONNX export
#   predict the same?
# Guess: Yes, or the conversion refuses, since the trees learned at each split to which side NaN goes.
# What happens: The conversion succeeds without a warning, and sends every NaN to the right. Rows without NaN agree to
#   six digits; rows with NaN get other predictions, and the mean error of the forest grows several times.
#   GradientBoostingRegressor does not accept NaN and is not affected.
# Versions: scikit-learn 1.9.1, skl2onnx 1.20.0, onnx 1.23.2, onnxruntime 1.32.0.
# For a user: A test on complete rows passes. Impute before the forest, or compare an export with the model on rows
#   with gaps.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile scikit-learn==1.9.1 skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import numpy as np
import onnxruntime
import sklearn
import skl2onnx
from sklearn.ensemble import BaggingRegressor, ExtraTreesRegressor, RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

onnxruntime.set_default_logger_severity(3)
print("scikit-learn", sklearn.__version__, "| skl2onnx", skl2onnx.__version__, "| onnxruntime", onnxruntime.__version__)
rng = np.random.default_rng(0)
rows = rng.normal(size=(400, 3)).astype(np.float32)
target = rows[:, 0] * 2 + rows[:, 1] ** 2
rows[rng.random(rows.shape) < 0.2] = np.nan
gaps = np.isnan(rows).any(axis=1)
for model in (
    DecisionTreeRegressor(max_depth=6, random_state=0),
    RandomForestRegressor(10, random_state=0),
    ExtraTreesRegressor(10, random_state=0),
    BaggingRegressor(DecisionTreeRegressor(), 10, random_state=0),
):
    name = type(model).__name__
    right = model.fit(rows, target).predict(rows)
    session = onnxruntime.InferenceSession(skl2onnx.to_onnx(model, rows[:1]).SerializeToString(), providers=["CPUExecutionProvider"])
    exported = session.run(None, {session.get_inputs()[0].name: rows})[0].ravel()
    off = np.abs(exported - right)
    errors = np.abs(right - target)[gaps].mean(), np.abs(exported - target)[gaps].mean()
    print(f"{name}: mean error on rows with gaps: model {errors[0]:.3f}, ONNX {errors[1]:.3f}")
    expect(f"{name}: same on complete rows", bool(off[~gaps].max() < 1e-5), True)
    expect(f"{name}: error more than twice as large on rows with gaps", bool(errors[1] > 2 * errors[0]), True)
    if name == "DecisionTreeRegressor":
        tree = model.tree_

        def without_sides(row):
            node = 0
            while tree.children_left[node] >= 0:
                left = row[tree.feature[node]] <= tree.threshold[node]
                node = (tree.children_left if left else tree.children_right)[node]
            return tree.value[node].item()

        expect("NaN always to the right gives what ONNX gives", bool(np.allclose([without_sides(row) for row in rows], exported, atol=1e-5)), True)
PY
