#!/usr/bin/env bash
# Question: a model trained on six unnamed columns is given rows of five. Is that refused?
# Guess: yes, by every way to predict.
# What happens: a DMatrix of five columns is accepted; the sixth counts as missing in every row, and predictions are
#   far off without a word. inplace_predict and XGBRegressor.predict refuse the same rows. Seven columns are always refused.
# Versions: xgboost-cpu 3.2.0, scikit-learn 1.9.1, numpy 2.4.6.
# What follows: give features names, which are checked, or compare num_col() with num_features() before predicting.
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
rows = rng.normal(size=(3000, 6)).astype(np.float32)
target = rows[:, 0] * 2 + rows[:, 5] * 3 + 6
model = xgb.train({"nthread": 1}, xgb.DMatrix(rows, target), 20)
estimator = xgb.XGBRegressor(n_estimators=20, n_jobs=1).fit(rows, target)
five, seven = rows[:, :5], np.column_stack([rows, rows[:, 0]])


def outcome(predict):
    try:
        return predict()[:2].round(2).tolist()
    except (ValueError, xgb.core.XGBoostError) as error:
        return "refused: " + str(error).splitlines()[0][:90]


right = model.predict(xgb.DMatrix(rows))
found = {
    "six columns": outcome(lambda: right),
    "DMatrix, five": outcome(lambda: model.predict(xgb.DMatrix(five))),
    "inplace_predict, five": outcome(lambda: model.inplace_predict(five)),
    "XGBRegressor, five": outcome(lambda: estimator.predict(five)),
    "DMatrix, seven": outcome(lambda: model.predict(xgb.DMatrix(seven))),
}
for name, result in found.items():
    print(f"{name}: {result}")
short = model.predict(xgb.DMatrix(five))
without = rows.copy()
without[:, 5] = np.nan
assert np.array_equal(short, model.predict(xgb.DMatrix(without)))
assert abs(short - right).max() > 3
assert all(str(found[name]).startswith("refused") for name in ("inplace_predict, five", "XGBRegressor, five", "DMatrix, seven"))
PY
