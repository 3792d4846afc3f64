#!/usr/bin/env bash
# Question: a target between 0 and 1 (a rating / 10, say) is learned with reg:logistic. Does the ONNX export predict it?
# Guess: yes. The exporter knows the objective; it applies exp for count:poisson.
# What happens: it leaves the logistic function out, at both ends: it gives margins, negative and above 1 too,
#   and adds the base score as it is, 0.55, where the margin needs its logit, 0.22. So a logistic applied by hand is wrong too.
#   For count:poisson the same exporter does apply exp. treelite gets both right.
# Versions: xgboost-cpu 3.2.0, onnxmltools 1.16.0, onnxruntime 1.32.0, treelite 4.8.1.
# What follows: compare the export with the model on some rows, once for each objective in use.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check xgboost-cpu==3.2.0 treelite==4.8.1 onnxmltools==1.16.0 skl2onnx==1.20.0 onnxruntime==1.32.0 numpy==2.4.6
"$work/venv/bin/python" -W ignore - <<'PY'
import numpy as np
import onnxmltools
import onnxruntime
import treelite
import xgboost as xgb
from onnxmltools.convert.common.data_types import FloatTensorType

print("xgboost", xgb.__version__, "| onnxmltools", onnxmltools.__version__, "| treelite", treelite.__version__)
rng = np.random.default_rng(0)
rows = rng.normal(size=(3000, 4)).astype(np.float32)
score = rows[:, 0] * 0.2 + 0.55 + rng.normal(size=3000) * 0.05


def compare(objective, target):
    model = xgb.train({"objective": objective, "nthread": 1}, xgb.DMatrix(rows, target), 30)
    exported = onnxmltools.convert_xgboost(model, initial_types=[("x", FloatTensorType([None, 4]))])
    by_onnx = onnxruntime.InferenceSession(exported.SerializeToString()).run(None, {"x": rows})[-1].reshape(-1)
    by_treelite = treelite.gtil.predict(treelite.frontend.from_xgboost(model), rows).reshape(-1)
    right = model.predict(xgb.DMatrix(rows))
    margin = model.predict(xgb.DMatrix(rows), output_margin=True)
    print(f"{objective}: model {right[:3]} | onnx {by_onnx[:3]} | treelite {by_treelite[:3]}")
    assert abs(by_treelite - right).max() < 1e-4
    return by_onnx, right, margin


by_onnx, right, margin = compare("reg:logistic", score.clip(0, 1))
base = score.clip(0, 1).mean()
shift = base - np.log(base / (1 - base))
print(f"onnx less margin: {(by_onnx - margin).min():.4f} to {(by_onnx - margin).max():.4f}; base score less its logit: {shift:.4f}")
assert abs(by_onnx - margin - shift).max() < 1e-3
assert (by_onnx < 0).any() and (by_onnx > 1).any() and abs(by_onnx - right).max() > 0.5
by_onnx, right, margin = compare("count:poisson", np.round(score.clip(0, 1) * 10))
assert abs(by_onnx - right).max() < 1e-3 < abs(by_onnx - margin).max()
PY
