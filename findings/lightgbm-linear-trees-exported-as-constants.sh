#!/usr/bin/env bash
# Question: A LightGBM model with linear_tree=True is exported with onnxmltools, m2cgen and treelite. Are the
#   predictions the model's?
# Guess: Yes, or the export fails: a leaf holds a small linear model, which trees of constants cannot express.
# What happens: onnxmltools and m2cgen export the constants of the leaves, without a warning: the mean error
#   grows from 0.35 to 0.93, worse than a model of constants (0.61). Rows with a missing value agree, because
#   LightGBM itself takes the constant for them. treelite refuses.
# Versions: lightgbm 4.7.0, onnxmltools 1.16.0, onnxruntime 1.32.0, m2cgen 0.10.0, treelite 4.8.1.
# For a user: The service answers with another, worse model. Compare predictions of the exported model with the
#   original's before it is used.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile lightgbm==4.7.0 onnxmltools==1.16.0 onnx==1.23.2 skl2onnx==1.20.0 onnxruntime==1.32.0 m2cgen==0.10.0 treelite==4.8.1 scikit-learn==1.9.1 numpy==2.4.6

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
target = 3 * rows[:, 0] + rows[:, 1]


def exported(linear):
    """Mean errors on the rows: of the model, by ONNX, by m2cgen, by treelite; and ONNX' difference for a missing value."""
    model = lgb.LGBMRegressor(n_estimators=20, num_leaves=4, linear_tree=linear, n_jobs=1, verbose=-1).fit(rows, target)
    graph = convert_lightgbm(model, initial_types=[("x", FloatTensorType([None, 2]))])
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    space = {}
    exec(m2cgen.export_to_python(model), space)

    def error(predicted):
        return float(np.abs(np.ravel(predicted) - target).mean())

    def onnx(values):
        return session.run(None, {"x": values})[0].ravel()

    own, by_onnx = error(model.predict(rows)), error(onnx(rows))
    by_m2cgen = error([space["score"](row.tolist()) for row in rows])
    try:
        by_treelite = error(treelite.gtil.predict(treelite.frontend.from_lightgbm(model.booster_), rows.astype("float64")))
    except treelite.TreeliteError:
        by_treelite = None
    hole = np.array([[np.nan, 0.5]], "float32")
    return own, by_onnx, by_m2cgen, by_treelite, float(abs(onnx(hole) - model.predict(hole))[0])


plain, linear = exported(False), exported(True)
expect("error of the model of constants", round(plain[0], 2), 0.61)
expect("constant leaves: all agree", [abs(error - plain[0]) < 1e-4 for error in plain[1:4]], [True, True, True])
expect("errors of the linear model, by ONNX, by m2cgen", [round(error, 2) for error in linear[:3]], [0.35, 0.93, 0.93])
expect("treelite refuses", linear[3], None)
expect("a missing value agrees", linear[4] < 1e-4, True)
PY
