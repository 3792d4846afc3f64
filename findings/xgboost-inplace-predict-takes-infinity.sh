#!/usr/bin/env bash
# Question: a feature is infinite, from a division by zero or from 1e400 in a request. Does XGBoost predict?
# Guess: no. Training refuses such data: "Input data contains `inf`".
# What happens: DMatrix and QuantileDMatrix refuse it, for predictions as well. inplace_predict and XGBRegressor.predict,
#   which calls it, answer as for a very large number. So the usual way of a service takes what the usual way of a batch
#   job refuses. The number 1e39, finite in a 64-bit column, is treated as infinite by both.
# Versions: xgboost-cpu 3.2.0, scikit-learn 1.9.1, numpy 2.4.6.
# What follows: check with numpy.isfinite after the cast to float32, in the service itself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check xgboost-cpu==3.2.0 scikit-learn==1.9.1 numpy==2.4.6
"$work/venv/bin/python" - <<'PY'
import numpy as np
import xgboost as xgb

print("xgboost", xgb.__version__)
rng = np.random.default_rng(0)
rows = rng.normal(size=(2000, 3))
estimator = xgb.XGBRegressor(n_estimators=20, n_jobs=1).fit(rows, rows[:, 0] * 2)
model = estimator.get_booster()
ways = {
    "DMatrix": lambda data: model.predict(xgb.DMatrix(data)),
    "QuantileDMatrix": lambda data: model.predict(xgb.QuantileDMatrix(data)),
    "inplace_predict": model.inplace_predict,
    "XGBRegressor": estimator.predict,
}
largest = float(model.inplace_predict(np.array([[1e30, 0.0, 0.0]]))[0])
for value in (np.inf, 1e39):
    found = {}
    for name, way in ways.items():
        try:
            found[name] = float(way(np.array([[value, 0.0, 0.0]]))[0])
        except xgb.core.XGBoostError as error:
            found[name] = "refused" if "inf" in str(error) else str(error)
    print(value, found, "| of 1e30:", largest)
    assert found["DMatrix"] == found["QuantileDMatrix"] == "refused"
    assert found["inplace_predict"] == found["XGBRegressor"] == largest
PY
