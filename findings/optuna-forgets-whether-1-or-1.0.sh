#!/usr/bin/env bash
# Question: Optuna tries max_features=1, one feature, and 1.0, all features, as scikit-learn tells them apart. 1.0 wins.
#   Is a forest with study.best_params the one that won?
# Guess: Yes. That is what best_params is for.
# What happens: best_params has 1: a forest with one feature a split. Optuna keeps the number of a choice, and looks it
#   up by ==, so 1.0, and True, too, become the first choice that equals them. The objective gets the right value, and
#   the study is right about its score; only the recorded parameter is another one, in memory and in SQLite, in
#   best_params and in each trial's. Here the error of the forest with it is twenty times as large.
# Versions: optuna 5.0.0, scikit-learn 1.9.1. A comment in the source accepts it for speed; the documentation is silent.
# For a user: Give choices that differ by ==, such as texts ("one", "all"), or record the value by set_user_attr.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile optuna==5.0.0 scikit-learn==1.9.1 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings

warnings.simplefilter("error")
import numpy as np
import optuna
import sklearn
from sklearn.ensemble import RandomForestRegressor

optuna.logging.set_verbosity(optuna.logging.ERROR)
print("optuna", optuna.__version__, "| scikit-learn", sklearn.__version__)
rows = np.random.default_rng(0).normal(size=(600, 10))
target = rows[:, 0] * 3
tried = []


def error(max_features):
    forest = RandomForestRegressor(20, max_features=max_features, random_state=0).fit(rows[:300], target[:300])
    return round(float(np.abs(forest.predict(rows[300:]) - target[300:]).mean()), 2)


def objective(trial):
    tried.append(trial.suggest_categorical("max_features", [1, 0.5, 1.0]))
    return error(tried[-1])


for storage in None, "sqlite:///study.db":
    tried.clear()
    study = optuna.create_study(storage=storage, sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=20)
    errors = dict(sorted((repr(value), trial.value) for value, trial in zip(tried, study.trials)))
    expect(f"storage {storage}: errors by value", errors, {"0.5": 0.36, "1": 1.17, "1.0": 0.06})
    expect("best value", study.best_value, 0.06)
    expect("best parameter", study.best_params["max_features"], 1)
    expect("error with it", error(study.best_params["max_features"]), 1.17)
PY
