#!/usr/bin/env bash
# Question: an early-stopped XGBRegressor is exported to ONNX and to treelite. Do the two exports agree with each other?
# Guess: yes. One model, one set of trees.
# What happens: the ONNX export keeps the trees up to the best round. The saved model and treelite keep all rounds,
#   also those after the best one, which early stopping was meant to drop. XGBRegressor.predict uses the best ones only.
#   So the native file, read by treelite or by Booster.predict, answers otherwise than the model that was validated.
#   The file does carry best_iteration as an attribute. Neither reader looks at it.
# Versions: xgboost-cpu 3.2.0, treelite 4.8.1, onnxmltools 1.16.0, onnxruntime 1.32.0, scikit-learn 1.9.1.
# What follows: cut the model before it is saved, booster[: best_iteration + 1]; then all readers agree.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check xgboost-cpu==3.2.0 treelite==4.8.1 onnxmltools==1.16.0 skl2onnx==1.20.0 onnxruntime==1.32.0 scikit-learn==1.9.1 numpy==2.4.6
WORK="$work" "$work/venv/bin/python" -W ignore - <<'PY'
import os

import numpy as np
import onnxmltools
import onnxruntime
import treelite
import xgboost as xgb
from onnxmltools.convert.common.data_types import FloatTensorType

print("xgboost", xgb.__version__, "| treelite", treelite.__version__, "| onnxmltools", onnxmltools.__version__)
rng = np.random.default_rng(0)
rows = rng.normal(size=(4000, 4)).astype(np.float32)
target = rows[:, 0] * 2 + rows[:, 1] ** 2 + rng.normal(size=4000) + 6
train, held = slice(0, 3000), slice(3000, 4000)
model = xgb.XGBRegressor(n_estimators=300, early_stopping_rounds=5, learning_rate=0.5, n_jobs=1)
model.fit(rows[train], target[train], eval_set=[(rows[held], target[held])], verbose=False)
validated = model.predict(rows)


def onnx(of):
    exported = onnxmltools.convert_xgboost(of, initial_types=[("x", FloatTensorType([None, 4]))])
    return onnxruntime.InferenceSession(exported.SerializeToString()).run(None, {"x": rows})[0].reshape(-1)


def through_file(booster):
    path = f"{os.environ['WORK']}/model.json"
    booster.save_model(path)
    return treelite.gtil.predict(treelite.frontend.load_xgboost_model(path, format_choice="json"), rows).reshape(-1)


booster = model.get_booster()
rounds, best = booster.num_boosted_rounds(), model.best_iteration
print("rounds trained:", rounds, "| best round:", best, "| attribute in the file:", booster.attr("best_iteration"))
far = {"onnx": onnx(model), "treelite": through_file(booster), "Booster.predict": booster.predict(xgb.DMatrix(rows))}
for name, values in far.items():
    print(f"{name}: at most {abs(values - validated).max():.6f} from what was validated")
cut = through_file(booster[: best + 1])
print(f"treelite, cut first: {abs(cut - validated).max():.6f}")
assert rounds > best + 1
assert abs(far["onnx"] - validated).max() < 1e-4
assert abs(cut - validated).max() < 1e-4
assert abs(far["treelite"] - validated).max() > 0.1
assert abs(far["treelite"] - far["Booster.predict"]).max() < 1e-4
PY
