#!/usr/bin/env bash
# Question: statsmodels 0.15 reads formulas by patsy or by formulaic (options.formula_engine). Is the model the same?
# Guess: Yes, up to the names of coefficients.
# What happens: With columns of numbers and texts it is. A boolean column is a category for patsy and the number 0 or 1
#   for formulaic, so without an intercept, and in interactions, coefficients are missing: "y ~ t - 1" has the means of
#   both groups with patsy, and only that of True with formulaic, whose prediction for False is 0; "y ~ g:t" has
#   four parameters or three, and other predictions. Neither warns. C(t) gives the same model with both.
# Versions: statsmodels 0.15.0, patsy 1.0.3, formulaic 1.2.2, pandas 3.1.1.
# For a user: Write C(t) for a boolean column.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile statsmodels==0.15.0 patsy==1.0.3 formulaic==1.2.2 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import pandas as pd
import statsmodels
import statsmodels.formula.api as smf
from statsmodels.formula import options

print("statsmodels", statsmodels.__version__)
rows = pd.DataFrame(
    {"y": [1.0, 2, 4, 6, 3, 9, 5, 1], "v": [1.0, 2, 3, 5, 8, 1, 2, 3], "g": list("aabbaabb"), "t": [True, False] * 4}
)


def fit(formula, engine):
    """The number of parameters and the predictions for the first two rows."""
    options.formula_engine = engine
    model = smf.ols(formula, rows).fit()
    return len(model.params), [round(float(value), 2) + 0.0 for value in model.predict(rows[:2])]


for formula, patsy, formulaic in (
    ("y ~ v * g", (4, [4.16, 3.96]), (4, [4.16, 3.96])),
    ("y ~ t", (2, [3.25, 4.5]), (2, [3.25, 4.5])),
    ("y ~ t - 1", (2, [3.25, 4.5]), (1, [3.25, 0.0])),
    ("y ~ C(t) - 1", (2, [3.25, 4.5]), (2, [3.25, 4.5])),
    ("y ~ g:t", (4, [2.0, 5.5]), (3, [2.0, 4.5])),
    ("y ~ g:C(t)", (4, [2.0, 5.5]), (4, [2.0, 5.5])),
):
    expect(f"{formula}: patsy", fit(formula, "patsy"), patsy)
    expect(f"{formula}: formulaic", fit(formula, "formulaic"), formulaic)
PY
