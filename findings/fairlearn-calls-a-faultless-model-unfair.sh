#!/usr/bin/env bash
# Question: A model is right about every film: it predicts 1 for each hit and 0 for all others. The films of one
#   country have no hits. What is fairlearn's difference of equalized odds between the countries?
# Guess: 0, since there is no error, or NaN, since the share of hits found cannot be computed for that country.
# What happens: 1.0, the worst value, and the ratio is 0.0. In a group without hits, the share of hits found is taken
#   for 0, as if the model had missed all. So among many small groups one without hits decides. The reverse hides a
#   fault: if only one country has hits, a model that finds none of them has a difference of 0.0. There is no warning,
#   and the functions' documentation does not mention the case.
# Versions: fairlearn 0.15.0, scikit-learn 1.6.1.
# For a user: Count the hits and the others of each group, and leave out groups without either.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile fairlearn==0.15.0 scikit-learn==1.6.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings

import fairlearn
import sklearn
from fairlearn.metrics import MetricFrame, equal_opportunity_difference, equalized_odds_difference, equalized_odds_ratio, true_positive_rate

warnings.simplefilter("error")
print("fairlearn", fairlearn.__version__, "| scikit-learn", sklearn.__version__)
hit = [1, 1, 0, 0, 0, 0, 0, 0]
country = ["fr"] * 4 + ["us"] * 4
rates = MetricFrame(metrics=true_positive_rate, y_true=hit, y_pred=hit, sensitive_features=country).by_group
expect("no error: share of hits found", rates.to_dict(), {"fr": 1.0, "us": 0.0})
for measure, value in ((equalized_odds_difference, 1.0), (equal_opportunity_difference, 1.0), (equalized_odds_ratio, 0.0)):
    expect(f"no error: {measure.__name__}", float(measure(hit, hit, sensitive_features=country)), value)
both = [1, 1, 0, 0, 1, 0, 0, 0]
expect("no error, both have hits", float(equalized_odds_difference(both, both, sensitive_features=country)), 0.0)
expect("no hit is found", float(equalized_odds_difference(hit, [0] * 8, sensitive_features=country)), 0.0)
all_hits = [1, 1, 0, 0, 1, 1, 1, 1]
expect("all are predicted, one has hits only", float(equalized_odds_difference(all_hits, [1] * 8, sensitive_features=country)), 1.0)
PY
