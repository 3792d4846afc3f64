#!/usr/bin/env bash
# Question: does one trained XGBoost model give the same rows the same predictions from a DMatrix and from a QuantileDMatrix?
# Guess: yes. The matrix type saves memory; the model and the rows are the same.
# What happens: a QuantileDMatrix of new rows, made without ref=, replaces each value by an edge of its own bins.
#   The model then sees other numbers than were given. Even a single row, alone in its matrix, is answered otherwise.
#   Among many rows a third move, some by a multiple of the target's noise. SHAP contributions move with them.
#   No warning is given. With ref= to the training matrix all is the same to the last bit, and so it is on the
#   training matrix itself, so that a quick check of training rows passes.
# Versions: xgboost-cpu 3.2.0, numpy 2.4.6.
# What follows: predict from a DMatrix, from inplace_predict, or pass ref=. Test scores from a loose QuantileDMatrix are of another model.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check xgboost-cpu==3.2.0 numpy==2.4.6
"$work/venv/bin/python" - <<'PY'
import numpy as np
import xgboost as xgb

print("xgboost", xgb.__version__)
rng = np.random.default_rng(0)
seen = rng.normal(size=(4000, 6)).astype(np.float32)
target = seen[:, 0] * 2 + seen[:, 1] ** 2 + rng.normal(size=4000) * 0.3 + 6
training = xgb.QuantileDMatrix(seen, target)
model = xgb.train({"max_depth": 4, "nthread": 1}, training, 60)
again = model.predict(training)
print("training rows, QuantileDMatrix against DMatrix:", abs(again - model.predict(xgb.DMatrix(seen))).max())
assert np.array_equal(again, model.predict(xgb.DMatrix(seen)))
for count in (1, 3000):
    new = rng.normal(size=(count, 6)).astype(np.float32)
    plain = model.predict(xgb.DMatrix(new))
    loose = model.predict(xgb.QuantileDMatrix(new))
    tied = model.predict(xgb.QuantileDMatrix(new, ref=training))
    moved = (loose != plain).mean()
    print(f"{count} new rows: with ref {abs(tied - plain).max()}, without ref {abs(loose - plain).max():.3f} at most, "
          f"{moved:.0%} of rows moved")
    assert np.array_equal(tied, plain)
    assert abs(loose - plain).max() > 0.5
    assert moved > 0.2
PY
