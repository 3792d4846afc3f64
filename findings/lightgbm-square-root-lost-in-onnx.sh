#!/usr/bin/env bash
# Question: LightGBM fits the square root of the target with reg_sqrt=True, and predicts the target. Does the ONNX
#   export, too?
# Guess: Yes, or the conversion refuses, as it does for other transformed objectives (mape, cross_entropy).
# What happens: The ONNX model gives the square root: 9 votes become 3. No warning. treelite and m2cgen read the same
#   model and give the target. So does the ONNX model of objective="poisson", whose logarithm the converter knows.
# Versions: lightgbm 4.7.0, onnxmltools 1.16.0, onnx 1.23.2, onnxruntime 1.32.0, treelite 4.8.1, m2cgen 0.10.0.
# For a user: Square the output, or fit np.sqrt(target) oneself and keep the transformation beside the model.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile lightgbm==4.7.0 onnxmltools==1.16.0 skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.32.0 treelite==4.8.1 m2cgen==0.10.0 numpy==2.4.6 scikit-learn==1.9.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings

warnings.filterwarnings("ignore")
import lightgbm
import m2cgen
import numpy as np
import onnxmltools
import onnxruntime
import treelite
from onnxmltools.convert.common.data_types import FloatTensorType

onnxruntime.set_default_logger_severity(3)
print("lightgbm", lightgbm.__version__, "| onnxmltools", onnxmltools.__version__, "| treelite", treelite.__version__)
rng = np.random.default_rng(0)
rows = rng.normal(size=(400, 3)).astype(np.float32)
votes = np.exp(rows[:, 0] + rows[:, 1] / 2)
for name, settings in (("reg_sqrt", {"reg_sqrt": True}), ("poisson", {"objective": "poisson"})):
    model = lightgbm.LGBMRegressor(n_estimators=10, n_jobs=1, verbose=-1, **settings).fit(rows, votes)
    right = model.predict(rows)
    graph = onnxmltools.convert_lightgbm(model, initial_types=[("x", FloatTensorType([None, 3]))])
    onnx = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, {"x": rows})[0].ravel()
    by_treelite = treelite.gtil.predict(treelite.frontend.from_lightgbm(model.booster_), rows).ravel()
    scope = {}
    exec(m2cgen.export_to_python(model), scope)
    by_m2cgen = [scope["score"](list(map(float, row))) for row in rows]
    print(f"{name}: model {right[:3]}, ONNX {onnx[:3]}")
    expect(f"{name}: treelite and m2cgen agree", bool(np.allclose(by_treelite, right) and np.allclose(by_m2cgen, right)), True)
    expect(f"{name}: ONNX agrees", bool(np.allclose(onnx, right, rtol=1e-4)), name == "poisson")
    expect(f"{name}: ONNX squared agrees", bool(np.allclose(onnx**2, right, rtol=1e-4)), name == "reg_sqrt")
PY
