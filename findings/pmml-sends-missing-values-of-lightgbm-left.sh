#!/usr/bin/env bash
# Question: A LightGBM model and a scaled regression are exported as PMML by sklearn2pmml, and scored by JPMML's
#   evaluator. Do they predict what the Python pipelines predict, for a missing value and for one outside the range of
#   training?
# Guess: Yes, or the export refuses what it cannot express.
# What happens: If a feature was complete in training, LightGBM takes a missing value for 0, in the middle of this
#   feature; the PMML file sends it to the left of each split, to the smallest: -50 instead of 0. treelite and ONNX give
#   LightGBM's 0. If values were missing in training, PMML is right. MinMaxScaler(clip=True) loses its clip: 500 stays
#   500.
# Versions: sklearn2pmml 0.133.1, jpmml-evaluator 0.16.0, lightgbm 4.7.0, scikit-learn 1.9.0 (1.9.1 is refused),
#   treelite 4.8.1, onnxmltools 1.16.0; needs Java.
# For a user: Compare an export on rows with gaps and extremes, not on rows of training. Impute and clip before the
#   model.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile sklearn2pmml==0.133.1 jpmml-evaluator==0.16.0 jpype1==1.7.1 scikit-learn==1.9.0 lightgbm==4.7.0 treelite==4.8.1 onnxmltools==1.16.0 skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 pandas==3.1.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import contextlib
import io
import logging
import warnings

warnings.filterwarnings("ignore")
import lightgbm
import numpy as np
import onnxmltools
import onnxruntime
import pandas as pd
import sklearn
import sklearn2pmml
import treelite
from jpmml_evaluator import make_evaluator
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import MinMaxScaler

logging.disable(logging.CRITICAL)
onnxruntime.set_default_logger_severity(3)
print("sklearn2pmml", sklearn2pmml.__version__, "| lightgbm", lightgbm.__version__, "| scikit-learn", sklearn.__version__)
change = pd.DataFrame({"change": np.random.default_rng(0).uniform(-50, 50, 1000)})
target = change["change"].rename("target")


def by_pmml(steps, columns, target, asked):
    """Predictions of the fitted steps in Python and in PMML, rounded to tens."""
    pipeline = sklearn2pmml.pipeline.PMMLPipeline(steps).fit(columns, target)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        sklearn2pmml.sklearn2pmml(pipeline, "model.pmml")
    scored = make_evaluator("model.pmml").verify().evaluateAll(asked)["target"].astype(float)
    return [[round(float(value), -1) + 0.0 for value in predicted] for predicted in (pipeline.predict(asked), scored)]


model = lightgbm.LGBMRegressor(n_estimators=50, n_jobs=1, verbose=-1)
asked = pd.DataFrame({"change": [-40.0, 0.0, 40.0, np.nan]})
python, pmml = by_pmml([("model", model)], change, target, asked)
expect("LightGBM, the last is missing", python, [-40.0, 0.0, 40.0, 0.0])
expect("PMML", pmml, [-40.0, 0.0, 40.0, -50.0])
by_treelite = treelite.gtil.predict(treelite.frontend.from_lightgbm(model.booster_), asked.to_numpy()).ravel()
graph = onnxmltools.convert_lightgbm(model, initial_types=[("x", FloatTensorType([None, 1]))]).SerializeToString()
by_onnx = onnxruntime.InferenceSession(graph).run(None, {"x": asked.to_numpy(np.float32)})[0].ravel()
expect("treelite, ONNX", [[round(float(value), -1) + 0.0 for value in values] for values in (by_treelite, by_onnx)], [python, python])
gaps = change.mask(np.arange(1000)[:, None] % 10 == 0)
python, pmml = by_pmml([("model", model)], gaps, target.where(gaps["change"].notna(), 20.0), asked)
expect("values were missing in training, too: LightGBM, PMML", [python[-1], pmml[-1]], [20.0, 20.0])
python, pmml = by_pmml([("scale", MinMaxScaler(clip=True)), ("model", LinearRegression())], change, target, asked.fillna(500.0))
expect("clipped at 50: scikit-learn", python, [-40.0, 0.0, 40.0, 50.0])
expect("PMML", pmml, [-40.0, 0.0, 40.0, 500.0])
PY
