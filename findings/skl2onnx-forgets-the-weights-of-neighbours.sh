#!/usr/bin/env bash
# Question: A nearest-neighbours model with weights="distance" is exported to ONNX. Are the nearest still worth most?
# Guess: Yes; skl2onnx converts the option, or refuses it.
# What happens: It is left out without a warning. All neighbours count alike, as with weights="uniform": a film that is
#   in the training data gets the mean of its neighbours in place of its own value, and a classifier changes labels.
#   This holds for the regressor, in 32 and in 64 bits, and for the classifier.
# Versions: scikit-learn 1.9.1, skl2onnx 1.20.0, onnxruntime 1.32.0.
# For a user: Compare the file's predictions with the model's before the file is deployed.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile scikit-learn==1.9.1 skl2onnx==1.20.0 onnxruntime==1.32.0 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import numpy as np
import onnxruntime
import skl2onnx
import sklearn
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

print("scikit-learn", sklearn.__version__, "| skl2onnx", skl2onnx.__version__)
x = np.array([[0], [1], [2], [3], [10]])
votes = np.array([6, 3, 3, 1, 9])
asked = np.array([[0], [10]])


def from_onnx(model, precision):
    options = {"zipmap": False} if isinstance(model, KNeighborsClassifier) else None
    file = skl2onnx.to_onnx(model, x[:1].astype(precision), options=options)
    session = onnxruntime.InferenceSession(file.SerializeToString(), providers=["CPUExecutionProvider"])
    return [round(float(value), 2) for value in session.run(None, {session.get_inputs()[0].name: asked.astype(precision)})[0].ravel()]


for weights, values, labels in (("uniform", [4.0, 4.33], [0, 0]), ("distance", [6.0, 9.0], [1, 1])):
    regressor = KNeighborsRegressor(3, weights=weights).fit(x, votes)
    classifier = KNeighborsClassifier(3, weights=weights).fit(x, votes > 5)
    expect(f"{weights}: scikit-learn's values", regressor.predict(asked).round(2).tolist(), values)
    expect(f"{weights}: scikit-learn's labels", classifier.predict(asked).astype(int).tolist(), labels)
    for precision in (np.float32, np.float64):
        expect(f"{weights}, {precision.__name__}: ONNX's values", from_onnx(regressor, precision), [4.0, 4.33])
    expect(f"{weights}: ONNX's labels", [int(label) for label in from_onnx(classifier, np.float32)], [0, 0])
PY
