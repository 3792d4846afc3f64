#!/usr/bin/env bash
# Question: A CatBoost model with loss_function="Poisson" (or "Tweedie") is exported to ONNX, and to Python. Do
#   they predict what predict() does?
# Guess: Yes, a count: for a classifier the ONNX file has probabilities, and CatBoost's own JSON and cbm files
#   give the same counts.
# What happens: predict() gives the count, the ONNX file and the Python file its logarithm: negative for fewer
#   than one, and of the right order of magnitude. With RMSE they agree.
# Versions: catboost 1.2.10, onnxruntime 1.32.0.
# For a user: Counts of 2 to 20 become 0.7 to 3, still a plausible number with the right ranking. Apply exp() to
#   the exported model's output.
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
counts = rng.poisson(np.exp(2 + rows[:, 0] / 2))


def distances(loss):
    """How far from predict() the other files are: ONNX, Python, JSON; then the logarithm of predict() from ONNX and Python."""
    model = catboost.CatBoostRegressor(loss_function=loss, iterations=50, thread_count=1, verbose=False, allow_writing_files=False)
    own = model.fit(rows, counts).predict(rows)
    model.save_model("model.onnx", format="onnx")
    session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
    by_onnx = session.run(None, {"features": rows})[0].ravel()
    model.save_model("model.py", format="python")
    space = {}
    with open("model.py") as file:
        exec(file.read(), space)
    by_python = np.array([space["apply_catboost_model"](row.tolist()) for row in rows])
    model.save_model("model.json", format="json")
    by_json = catboost.CatBoostRegressor().load_model("model.json", format="json").predict(rows)

    def near(one, other):
        return bool(np.abs(one - other).max() < 1e-4)

    logs = [near(np.log(np.maximum(own, 1e-9)), other) for other in (by_onnx, by_python)]
    return [near(own, other) for other in (by_onnx, by_python, by_json)], logs


expect("RMSE", distances("RMSE"), ([True, True, True], [False, False]))
expect("Poisson", distances("Poisson"), ([False, False, True], [True, True]))
expect("Tweedie", distances("Tweedie:variance_power=1.5"), ([False, False, True], [True, True]))
PY
