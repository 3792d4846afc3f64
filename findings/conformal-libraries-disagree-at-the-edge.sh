#!/usr/bin/env bash
# Question: split-conformal intervals at 90 % from 19 calibration errors 1, 2, ... 19. The rule says: the 18th smallest,
#   as (19 + 1) x 0.9 = 18. Do MAPIE and crepes say 18?
# Guess: yes. It is one line of arithmetic with whole numbers.
# What happens: MAPIE says 18, crepes says 19: it computes (1 - 0.9) x 20 = 1.9999999999999996 and cuts it to 1.
#   This happens at 29, 49 and 99 errors too, wherever the rank is a whole number. Its intervals are then one rank too wide.
#   With as few errors as suffice (9 for 90 %), (9 + 1) x 0.9 = 9 is a rank that exists. Still crepes gives
#   an infinite interval, with a warning, and MAPIE refuses. So does MAPIE for 95 % from 19 errors; crepes says 19, rightly.
# Versions: MAPIE 1.6.0, crepes 0.9.1, scikit-learn 1.9.1, numpy 2.4.6.
# What follows: for groups of few films compare with the rule in whole numbers; do not swap one library for another in silence.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check MAPIE==1.6.0 crepes==0.9.1 scikit-learn==1.9.1 numpy==2.4.6
"$work/venv/bin/python" -W ignore - <<'PY'
from fractions import Fraction
from importlib.metadata import version
from math import ceil

import numpy as np
from crepes import ConformalRegressor
from mapie.regression import SplitConformalRegressor
from sklearn.base import BaseEstimator, RegressorMixin

print({name: version(name) for name in ("MAPIE", "crepes")})


class Zero(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.zeros(len(X))

    def __sklearn_is_fitted__(self):
        return True


def by_mapie(errors, level):
    model = SplitConformalRegressor(Zero(), confidence_level=level, prefit=True)
    model.conformalize(np.zeros((len(errors), 1)), errors)
    return model.predict_interval(np.zeros((1, 1)))[1].reshape(-1)[1]


def by_crepes(errors, level):
    return ConformalRegressor().fit(errors).predict_int(np.zeros(1), confidence=level)[0, 1]


def half_widths(count, level):
    errors = np.arange(1.0, count + 1)
    found = {"rule": ceil((count + 1) * Fraction(str(level)))}
    for name, library in (("MAPIE", by_mapie), ("crepes", by_crepes)):
        try:
            found[name] = float(library(errors, level))
        except ValueError:
            found[name] = "refused"
    print(count, "errors,", level, found)
    return found


for count, rank in ((19, 18), (29, 27), (49, 45), (99, 90)):
    assert half_widths(count, 0.9) == {"rule": rank, "MAPIE": rank, "crepes": rank + 1}
assert half_widths(20, 0.9) == {"rule": 19, "MAPIE": 19, "crepes": 19}
few = half_widths(9, 0.9)
assert few["rule"] == 9 and few["MAPIE"] == "refused" and few["crepes"] == float("inf")
edge = half_widths(19, 0.95)
assert edge["rule"] == edge["crepes"] == 19 and edge["MAPIE"] == "refused"
PY
