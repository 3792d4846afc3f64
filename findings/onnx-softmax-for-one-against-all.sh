#!/usr/bin/env bash
# Question: A LightGBM classifier with the objective multiclassova (one model against all others for each class) is
#   exported to ONNX. Are the probabilities those of the model?
# Guess: Yes. Both the Booster and treelite apply a sigmoid to each class, and do not let the classes add up to 1.
# What happens: The ONNX file applies a softmax, as for the objective multiclass: the probabilities add up to 1 and
#   differ from the model's by up to 0.25. The labels are right. treelite's are the model's. It is the same for the
#   Booster and the LGBMClassifier, and without a warning.
# Versions: lightgbm 4.7.0, onnxmltools 1.16.0, onnxruntime 1.32.0, treelite 4.8.1.
# For a user: Thresholds that were chosen with the model do not hold for the file. Export raw scores, or use treelite.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile lightgbm==4.7.0 onnxmltools==1.16.0 onnxruntime==1.32.0 treelite==4.8.1 scikit-learn==1.9.1 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import lightgbm
import numpy as np
import onnxruntime
import treelite
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

onnxruntime.set_default_logger_severity(3)
print("lightgbm", lightgbm.__version__, "| treelite", treelite.__version__)
random = np.random.default_rng(0)
x = random.normal(size=(300, 2)).astype(np.float32)
y = np.digitize(x[:, 0] + random.normal(size=300) * 0.3, [-0.5, 0.5])


def from_onnx(model):
    """Labels and probabilities."""
    file = convert_lightgbm(model, initial_types=[("x", FloatTensorType([None, 2]))], zipmap=False)
    return onnxruntime.InferenceSession(file.SerializeToString()).run(None, {"x": x})


for objective, equal in (("multiclass", True), ("multiclassova", False)):
    parameters = {"objective": objective, "num_class": 3, "num_threads": 1, "verbose": -1}
    booster = lightgbm.train(parameters, lightgbm.Dataset(x, y), 20)
    classifier = lightgbm.LGBMClassifier(objective=objective, n_estimators=20, n_jobs=1, verbose=-1).fit(x, y)
    right = booster.predict(x)
    by_treelite = treelite.gtil.predict(treelite.frontend.from_lightgbm(booster), x).reshape(right.shape)
    expect(f"{objective}: treelite is right", bool(np.allclose(by_treelite, right, atol=1e-5)), True)
    for what, model in (("Booster", booster), ("LGBMClassifier", classifier)):
        labels, probabilities = from_onnx(model)
        expect(f"{objective}, {what}: ONNX has the model's labels", bool(np.array_equal(labels, right.argmax(axis=1))), True)
        expect(f"{objective}, {what}: ONNX has the model's probabilities", bool(np.allclose(probabilities, right, atol=1e-5)), equal)
    print("largest difference", abs(probabilities - right).max().round(2), "| sums of the model's", right.sum(axis=1).min().round(2), "to", right.sum(axis=1).max().round(2))
    scores = booster.predict(x, raw_score=True)
    softmax = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    expect(f"{objective}: ONNX has a softmax", bool(np.allclose(probabilities, softmax, atol=1e-5)), True)
PY
