#!/usr/bin/env bash
# Question: A classifier of hits has class_weight={True: 10, False: 1}. It is saved and loaded by skops, and trained
#   again on the same rows, as each night. Does it predict the same?
# Guess: Yes. skops keeps the types of a dictionary's keys, or refuses.
# What happens: The loaded weights are {True: 1}: keys are written to JSON as "true" and "false", and read by
#   bool("false"), which is True, so the last entry replaces the others. scikit-learn gives the class that is left the
#   weight 1, too: the share of predicted hits falls from 0.25 to 0.03. In the order {False: 1, True: 10} all is well by
#   luck. The keys 1 and "1" become one as well. The fitted model still predicts as before. joblib keeps everything.
# Versions: skops 0.16.0, scikit-learn 1.9.1.
# For a user: Use integers or texts as class labels; compare get_params() before and after.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile skops==0.16.0 scikit-learn==1.9.1 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import io

import joblib
import numpy as np
import skops.io
import sklearn
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

print("skops", skops.__version__, "| scikit-learn", sklearn.__version__)
random = np.random.default_rng(0)
rows = random.normal(size=(2000, 2))
hit = rows[:, 0] + random.normal(size=2000) > 2


def by_skops(model):
    data = skops.io.dumps(model)
    return skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))


def by_joblib(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    return joblib.load(file)


def hits(model):
    """Share of films that the model, trained again, predicts as hits."""
    return round(float(clone(model).fit(rows, hit).predict(rows).mean()), 2)


model = LogisticRegression(class_weight={True: 10, False: 1}).fit(rows, hit)
expect("hits", hits(model), 0.25)
expect("by joblib", [by_joblib(model).class_weight, hits(by_joblib(model))], [{True: 10, False: 1}, 0.25])
expect("by skops", [by_skops(model).class_weight, hits(by_skops(model))], [{True: 1}, 0.03])
expect("predictions before it is trained again", bool((by_skops(model).predict(rows) == model.predict(rows)).all()), True)
other = LogisticRegression(class_weight={False: 1, True: 10}).fit(rows, hit)
expect("the other order", [by_skops(other).class_weight, hits(by_skops(other))], [{True: 10}, 0.25])
expect("keys 1 and '1'", by_skops({1: "a", "1": "b"}), {1: "b"})
expect("integers", by_skops({1: 10, 0: 1}), {1: 10, 0: 1})
PY
