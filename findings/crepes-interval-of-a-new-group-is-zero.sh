#!/usr/bin/env bash
# Question: crepes calibrates prediction intervals of ratings separately for movies and shorts. A game, whose kind is
#   not among them, is predicted to have 6.0. What is its interval?
# Guess: From minus to plus infinity, as for a kind with too few errors, or an error.
# What happens: [0, 0]: rows of a new group keep the zeros that the result is made of. A missing group and a misspelt
#   one do, too. Within y_min=1 and y_max=10 it is [1, 1]. A ConformalPredictiveSystem and its percentiles give 0, too.
#   There is no warning. predict_int_online of the same regressor gives an infinite interval.
# Versions: crepes 0.9.1, scikit-learn 1.9.1, numpy 2.4.6. The documentation says nothing about new groups.
# For a user: Refuse groups that were not calibrated, or map them to one group "other" that was.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile crepes==0.9.1 scikit-learn==1.9.1 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings
from importlib.metadata import version

import numpy as np
from crepes import ConformalPredictiveSystem, ConformalRegressor

print("crepes", version("crepes"))
errors = np.arange(1, 100) / 25 - 2
kinds = np.where(np.arange(99) % 3 == 0, "short", "movie")
asked = np.array(["movie", "short", "game"])
predicted = np.full(3, 6.0)
regressor = ConformalRegressor().fit(errors, bins=kinds)
system = ConformalPredictiveSystem().fit(errors, bins=kinds)


def rounded(values):
    return np.round(values, 1).tolist()


with warnings.catch_warnings():
    warnings.simplefilter("error")
    intervals = regressor.predict_int(predicted, bins=asked, confidence=0.8)
    clipped = regressor.predict_int(predicted, bins=asked, confidence=0.8, y_min=1, y_max=10)
    online = regressor.predict_int_online(predicted, predicted, bins=asked, confidence=0.8)
    by_system = system.predict_int(predicted, bins=asked, confidence=0.8)
    percentiles = system.predict_percentiles(predicted, bins=asked, lower_percentiles=10, higher_percentiles=90)
expect("movie, short, game", rounded(intervals), [[4.4, 7.6], [4.4, 7.6], [0.0, 0.0]])
expect("between 1 and 10", rounded(clipped), [[4.4, 7.6], [4.4, 7.6], [1.0, 1.0]])
expect("online", rounded(online), [[4.4, 7.6], [4.4, 7.6], [-np.inf, np.inf]])
expect("predictive system", rounded(by_system), [[4.4, 7.7], [4.3, 7.6], [0.0, 0.0]])
expect("percentiles", rounded(percentiles), [[4.4, 7.7], [4.3, 7.6], [0.0, 0.0]])
PY
