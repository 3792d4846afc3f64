#!/usr/bin/env bash
# Question: With colsample_bytree 0.1, each of XGBoost's trees may use 8 of 80 features. How much faster is training?
# Guess: Several times, as with LightGBM's feature_fraction 0.1.
# What happens: It takes about the same time as with all features. XGBoost's hist method adds up the histograms of all
#   features and then looks for splits among the sampled ones only. LightGBM adds up the sampled ones only, and takes
#   less than a third of its time. So the advice to sample columns for speed holds for LightGBM alone; in XGBoost it
#   only changes the model.
# Versions: xgboost 3.2.0, lightgbm 4.7.0, numpy 2.4.6.
# For a user: To make XGBoost faster, leave features out of the matrix; sampling columns does not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile xgboost-cpu==3.2.0 lightgbm==4.7.0 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys
import time

import lightgbm
import numpy as np
import xgboost

print("xgboost", xgboost.__version__, "| lightgbm", lightgbm.__version__)
draw = np.random.default_rng(0)
rows = draw.random((150_000, 80), dtype=np.float32)
target = rows @ draw.random(80, dtype=np.float32) + draw.random(150_000, dtype=np.float32)


def best_of_three(train):
    took = []
    for _ in range(3):
        start = time.process_time()
        train()
        took.append(time.process_time() - start)
    return min(took)


bins = xgboost.QuantileDMatrix(rows, target, max_bin=128, nthread=1)
data = lightgbm.Dataset(rows, target, params={"max_bin": 127, "verbose": -1, "num_threads": 1, "feature_pre_filter": False}).construct()


def with_xgboost(share):
    shape = {"tree_method": "hist", "max_bin": 128, "max_depth": 6, "nthread": 1}
    return best_of_three(lambda: xgboost.train({**shape, "colsample_bytree": share}, bins, 20))


def with_lightgbm(share):
    shape = {"num_leaves": 64, "num_threads": 1, "verbose": -1, "force_col_wise": True}
    return best_of_three(lambda: lightgbm.train({**shape, "feature_fraction": share}, data, 20))


ours, theirs = (train(0.1) / train(1.0) for train in (with_xgboost, with_lightgbm))
print(f"a tenth of the columns takes XGBoost {ours:.2f} of the time of all columns, and LightGBM {theirs:.2f}")
if not (ours > 0.7 and theirs < 0.4):
    sys.exit("CHANGED: expected more than 0.7 with XGBoost and less than 0.4 with LightGBM")
PY
