#!/usr/bin/env bash
# Question: A model finds 8 of 10 hits and takes 9 of 90 other films for hits. imbalanced-learn's specificity_score is
#   0.9. What is it if every film has the weight 2, or 0.01?
# Guess: 0.9: a weight that all rows share changes no rate.
# What happens: 0.775 and 0.9991. The true negatives are the number of rows, not the sum of weights, less the other
#   three counts. If hits weigh 9 times as much, it is 0.1; 9.9 times, -8; 20 times, 1.09. geometric_mean_score with
#   average="binary" follows. scikit-learn's recall of the other class is 0.9 throughout.
# Versions: imbalanced-learn 0.14.2, scikit-learn 1.6.1. It is reported as an issue, and still open.
# For a user: Take recall_score(y, p, pos_label=0, sample_weight=w) as the specificity.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile imbalanced-learn==0.14.2 scikit-learn==1.6.1 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import imblearn
import numpy as np
import sklearn
from imblearn.metrics import geometric_mean_score, specificity_score
from sklearn.metrics import recall_score

print("imbalanced-learn", imblearn.__version__, "| scikit-learn", sklearn.__version__)
hit = np.repeat([1, 0], [10, 90])
said = np.repeat([1, 0, 1, 0], [8, 2, 9, 81])
ones = np.ones(100)
cases = (
    ("no weights", None, 0.9, 0.9),
    ("all weigh 2", 2 * ones, 0.775, 0.9),
    ("all weigh 0.01", ones / 100, 0.9991, 0.9),
    ("hits weigh 9", np.where(hit == 1, 9, 1), 0.1, 0.9),
    ("hits weigh 20", np.where(hit == 1, 20, 1), 1.09, 0.9),
    ("hits weigh 9.9", np.where(hit == 1, 9.9, 1), -8.0, 0.9),
)
for what, weights, ours, theirs in cases:
    found = specificity_score(hit, said, sample_weight=weights), recall_score(hit, said, pos_label=0, sample_weight=weights)
    expect(what, tuple(round(float(value), 4) for value in found), (ours, theirs))
for what, weights, mean in (("no weights", None, 0.8485), ("all weigh 2", 2 * ones, 0.7874)):
    found = geometric_mean_score(hit, said, average="binary", sample_weight=weights)
    expect(f"geometric mean, {what}", round(float(found), 4), mean)
PY
