#!/usr/bin/env bash
# Question: training of 20 rounds is interrupted after 10 and resumed from the saved model. Is the result the same?
# Guess: yes. Seed, data and parameters are the same, and the ten rounds are in the file.
# What happens: with subsample it is not: the random state is not part of the model. Resumed in memory, without the file
#   between, it is a third model. seed_per_iteration looks made for this. With it memory and file agree with each other,
#   but not with the training that was never interrupted. Without sampling all ways give the same model to the last bit.
# Versions: xgboost-cpu 3.2.0, numpy 2.4.6.
# What follows: a checkpoint is not a pause. To compare models, or to reproduce one, train in one go.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check xgboost-cpu==3.2.0 numpy==2.4.6
WORK="$work" "$work/venv/bin/python" - <<'PY'
import os

import numpy as np
import xgboost as xgb

print("xgboost", xgb.__version__)
rng = np.random.default_rng(0)
rows = rng.normal(size=(3000, 6)).astype(np.float32)
data = xgb.DMatrix(rows, rows[:, 0] * 2 + rows[:, 5] * 3 + rng.normal(size=3000))
path = os.environ["WORK"] + "/half.ubj"


def differences(**settings):
    settings = {"nthread": 1, "seed": 1, **settings}
    whole = xgb.train(settings, data, 20).predict(data)
    again = xgb.train(settings, data, 20).predict(data)
    half = xgb.train(settings, data, 10)
    half.save_model(path)
    memory = xgb.train(settings, data, 10, xgb_model=half).predict(data)
    file = xgb.train(settings, data, 10, xgb_model=path).predict(data)
    found = {"trained again": abs(again - whole).max(), "resumed in memory": abs(memory - whole).max(),
             "resumed from file": abs(file - whole).max(), "memory against file": abs(memory - file).max()}
    print(settings, {name: round(float(value), 4) for name, value in found.items()})
    return found


plain = differences()
assert not any(plain.values())
sampled = differences(subsample=0.5)
assert sampled["trained again"] == 0
assert min(sampled["resumed in memory"], sampled["resumed from file"], sampled["memory against file"]) > 0.05
seeded = differences(subsample=0.5, seed_per_iteration=True)
assert seeded["trained again"] == 0
assert seeded["memory against file"] == 0
assert seeded["resumed from file"] > 0.05
PY
