#!/usr/bin/env bash
# Question: A pipeline of scikit-learn imputes with add_indicator=True, encodes with encoded_missing_value=, or scales
#   with MaxAbsScaler(clip=True). Is that part of its ONNX export?
# Guess: Yes. An option that skl2onnx does not know is refused, as it refuses infrequent categories.
# What happens: All three are left out without a word. The imputer's columns that say what was missing are not made,
#   and the regression after it runs on fewer columns than it has coefficients. A missing category becomes "unknown",
#   -1, and not -2. Values are not clipped.
# Versions: scikit-learn 1.9.1, skl2onnx 1.20.0, onnx 1.23.2, onnxruntime 1.32.0.
# For a user: Predictions differ for rows with gaps or with larger values than in training, the ones that tests leave
#   out. Make indicators and limits columns of the data.
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
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, OrdinalEncoder

onnxruntime.set_default_logger_severity(3)
print("scikit-learn", sklearn.__version__, "| skl2onnx", skl2onnx.__version__, "| onnxruntime", onnxruntime.__version__)
nan = np.nan


def exported(model, rows):
    session = onnxruntime.InferenceSession(skl2onnx.to_onnx(model, rows[:1]).SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: rows})[0]


rows = np.array([[1, 1], [2, nan], [3, 5], [nan, 2]], dtype=np.float32)
imputer = SimpleImputer(add_indicator=True).fit(rows)
expect("indicators: model", imputer.transform(rows)[1].tolist(), [2.0, 2.6666667461395264, 0.0, 1.0])
expect("indicators: ONNX", exported(imputer, rows)[1].tolist(), [2.0, 2.6666667461395264])
regression = make_pipeline(SimpleImputer(add_indicator=True), LinearRegression()).fit(rows, np.array([1.0, 20.0, 3.0, 40.0]))
expect("regression after it: model", np.round(regression.predict(rows)).tolist(), [1.0, 20.0, 3.0, 40.0])
print("regression after it: ONNX", exported(regression, rows).ravel())
expect("regression after it: rows with gaps are off by 10 and more", (np.abs(exported(regression, rows).ravel() - [1, 20, 3, 40]) > 10).tolist(), [False, True, False, True])
encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2).fit(np.array([[nan], [1], [2]], dtype=np.float32))
values = np.array([[1], [nan], [2], [9]], dtype=np.float32)
expect("missing category: model", encoder.transform(values).ravel().tolist(), [0.0, -2.0, 1.0, -1.0])
expect("missing category: ONNX", exported(encoder, values).ravel().tolist(), [0.0, -1.0, 1.0, -1.0])
scaler = MaxAbsScaler(clip=True).fit(np.array([[2.0], [4.0]], dtype=np.float32))
expect("clipping: model", scaler.transform(np.array([[8.0]], dtype=np.float32)).tolist(), [[1.0]])
expect("clipping: ONNX", exported(scaler, np.array([[8.0]], dtype=np.float32)).tolist(), [[2.0]])
PY
