#!/usr/bin/env bash
# Question: feature-engine's CyclicalFeatures turns the hour of a rating, 0 to 23, into a sine and a cosine. Midnight is
#   the quietest hour, 23 o'clock the busiest. Does a model still tell them apart?
# Guess: Yes. They are neighbours on the circle, as 1 and 2 o'clock are.
# What happens: 23 o'clock and midnight become one point, and so do Sunday and Monday, counted from 0, and the first and
#   the last minute of an hour: one turn is the largest value of the column, not the number of values. A model that is
#   exact for all other hours predicts the mean of the two. Months from 1 to 12 are right, but not if the training rows
#   end in June: June is December then, and the point of a month depends on the rows.
# Versions: feature-engine 1.9.4, scikit-learn 1.9.1, pandas 2.3.3. The docstring gives the formula, with the
#   maximum, and advises max_values if "the maximum value is not present in the dataset"; few expect this of hours.
# For a user: Pass max_values={"hour": 24, "weekday": 7, "month": 12}: the number of values.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile feature-engine==1.9.4 scikit-learn==1.9.1 pandas==2.3.3 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import feature_engine
import numpy as np
import pandas as pd
import sklearn
from feature_engine.creation import CyclicalFeatures
from sklearn.tree import DecisionTreeRegressor

print("feature-engine", feature_engine.__version__, "| scikit-learn", sklearn.__version__, "| pandas", pd.__version__)


def points(column, max_values=None):
    frame = pd.DataFrame({"v": column})
    return CyclicalFeatures(max_values=max_values).fit_transform(frame)[["v_sin", "v_cos"]].round(9) + 0.0


for name, first, last in (("hours", 0, 23), ("weekdays", 0, 6), ("minutes", 0, 59), ("months", 1, 12)):
    found = points(range(first, last + 1))
    expect(f"{name}: values and points", [last + 1 - first, len(found.drop_duplicates())], [last + 1 - first, last])
    same = bool(np.allclose(found.iloc[0], found.iloc[-1]))
    expect(f"{name}: {first} is {last}", same, first == 0)
expect("hours with max_values: points", len(points(range(24), {"v": 24}).drop_duplicates()), 24)

ratings = pd.DataFrame({"hour": range(24)})
ratings["votes"] = 10 + 90 * ratings["hour"] / 23
for max_values, guesses in ((None, [55.0, 55.0, 53.04]), ({"hour": 24}, [10.0, 100.0, 53.04])):
    circle = CyclicalFeatures(max_values=max_values).fit(ratings[["hour"]])
    kept = circle.transform(ratings[["hour"]])[["hour_sin", "hour_cos"]].round(9)
    tree = DecisionTreeRegressor(random_state=0).fit(kept, ratings["votes"])
    guessed = [round(float(value), 2) for value in tree.predict(kept)[[0, 23, 11]]]
    expect(f"votes at 0, 23 and 11 with max_values={max_values}: 10, 100 and 53.04", guessed, guesses)

half = CyclicalFeatures().fit(pd.DataFrame({"month": range(1, 7)}))
found = half.transform(pd.DataFrame({"month": [6, 12]})).round(6) + 0.0
expect("fitted to June: June and December", found[["month_sin", "month_cos"]].values.tolist(), [[0.0, 1.0], [0.0, 1.0]])
PY
