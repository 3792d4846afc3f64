#!/usr/bin/env bash
# Question: does the ONNX export of an XGBoost model with several quantiles give those quantiles?
# Guess: yes, or it refuses.
# What happens: conversion succeeds. The output has as many columns as quantiles. The first column holds the trees of all
#   quantiles added up, and the first base score; the other columns are 0. treelite reads the same model rightly.
# Versions: xgboost-cpu 3.2.0 (reg:quantileerror), onnxmltools 1.16.0, onnxruntime 1.32.0, treelite 4.8.1.
# What follows: compare an export with the model on some rows before it is served. For quantiles, export one model per quantile.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check xgboost-cpu==3.2.0 treelite==4.8.1 onnxmltools==1.16.0 skl2onnx==1.20.0 onnxruntime==1.32.0 numpy==2.4.6
"$work/venv/bin/python" -W ignore - <<'PY'
import json

import numpy as np
import onnxmltools
import onnxruntime
import treelite
import xgboost as xgb
from onnxmltools.convert.common.data_types import FloatTensorType

onnxruntime.set_default_logger_severity(3)
print("xgboost", xgb.__version__, "| onnxmltools", onnxmltools.__version__, "| onnxruntime", onnxruntime.__version__,
      "| treelite", treelite.__version__)
rng = np.random.default_rng(0)
rows = rng.normal(size=(3000, 4)).astype(np.float32)
target = rows[:, 0] * 2 + rng.normal(size=3000) + 6
settings = {"objective": "reg:quantileerror", "quantile_alpha": [0.05, 0.5, 0.95], "nthread": 1}
model = xgb.train(settings, xgb.DMatrix(rows, target), 30)
right = model.predict(xgb.DMatrix(rows))
exported = onnxmltools.convert_xgboost(model, initial_types=[("x", FloatTensorType([None, 4]))])
wrong = onnxruntime.InferenceSession(exported.SerializeToString()).run(None, {"x": rows})[0]
base = np.array(json.loads(json.loads(model.save_config())["learner"]["learner_model_param"]["base_score"].replace("E", "e")))
print("model   ", right[0])
print("onnx    ", wrong[0])
print("trees of all three quantiles and the first base score:", (right[0] - base).sum() + base[0])
assert wrong.shape == right.shape
assert (wrong[:, 1:] == 0).all()
assert abs(wrong[:, 0] - (right - base).sum(axis=1) - base[0]).max() < 1e-3
by_treelite = treelite.gtil.predict(treelite.frontend.from_xgboost(model), rows).reshape(right.shape)
print("treelite", by_treelite[0])
assert abs(by_treelite - right).max() < 1e-4
PY
