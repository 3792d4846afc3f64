#!/usr/bin/env bash
# Question: A DVC stage trains a model by max_features of params.yaml. It is changed from 1.0, which means all features
#   in scikit-learn, to 1, which means one feature. Does dvc repro train again?
# Guess: Yes: a stage runs again if a value of its params has changed.
# What happens: No: "Stage 'train' didn't change, skipping", and dvc status and dvc params diff show no change. DVC
#   compares the values by Python's ==, so that 1, 1.0 and true are one value, as are 0, 0.0 and false, in lists, too.
#   The model of 1.0 stays, and dvc.lock says 1.0 while params.yaml says 1. A text, "1", is a change. NaN, which
#   differs from itself, is a change with every run.
# Versions: dvc 3.67.1, scikit-learn 1.9.1.
# For a user: Run dvc repro --force after a change of type only, or make the parameter a text, such as "all" and "one".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile dvc==3.67.1 scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
export PATH="$work/venv/bin:$PATH" DVC_NO_ANALYTICS=1

cat > train.py <<'PY'
import numpy as np
import yaml
from sklearn.ensemble import RandomForestRegressor

features = np.random.default_rng(0).normal(size=(400, 8))
rating = features @ np.arange(8)
model = RandomForestRegressor(20, max_features=yaml.safe_load(open("params.yaml"))["max_features"], random_state=0)
model.fit(features[:200], rating[:200])
print(round(model.score(features[200:], rating[200:]), 2), file=open("score.txt", "w"))
PY

expect() {
  echo "$1: $2"
  [ "$2" = "$3" ] || { echo "CHANGED: $1 was $3"; exit 1; }
}
set_to() { echo "max_features: $1" > params.yaml; }
run() { dvc repro "$@" > log 2>&1 || { cat log; exit 1; }; cat score.txt; }
changed() { dvc status 2> log | grep -c "modified: *max_features" || true; }

git init --quiet
dvc init --quiet
set_to 1.0
dvc stage add --quiet --name train --deps train.py --params max_features --outs score.txt python train.py
dvc --version
expect "R² with max_features 1.0" "$(run)" 0.75
set_to 1
expect "changes, with 1" "$(changed)" 0
expect "R² after dvc repro with 1" "$(run)" 0.75
expect "in dvc.lock" "$(grep -o 'max_features: .*' dvc.lock)" "max_features: 1.0"
set_to true
expect "changes, with true" "$(changed)" 0
set_to '"1"'
expect "changes, with a text" "$(changed)" 1
set_to 1
expect "R² after dvc repro --force with 1" "$(run --force)" 0.67
