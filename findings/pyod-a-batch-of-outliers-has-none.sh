#!/usr/bin/env bash
# Question: PyOD's detector ECOD was fitted on 1000 usual films. A new film is 95 hours long. Is it an outlier?
# Guess: Yes, or no; but the answer depends on the film and on the fitted model.
# What happens: It also depends on the films that are asked with it. Alone, the film is an outlier. If a batch has 100
#   such films, as after a mistake of units, none of them is. The usual films of the batch get other scores, too:
#   decision_function adds the batch to the films of training and ranks all of them anew, but compares with the old
#   threshold. COPOD does the same. HBOS, KNN, LOF and GMM give each film its own answer. The documentation calls it
#   the score "using the fitted detector"; the authors said in an issue that it is intended.
# Versions: pyod 3.6.7, scikit-learn 1.6.1.
# For a user: Ask film by film, or take another detector if a whole batch can be wrong.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pyod==3.6.7 scikit-learn==1.6.1 numpy==2.4.6 scipy==1.17.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import numpy as np
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.gmm import GMM
from pyod.models.hbos import HBOS
from pyod.models.knn import KNN
from pyod.models.lof import LOF

print("pyod", version("pyod"))
random = np.random.default_rng(0)
films = np.column_stack([random.normal(95, 15, 1000), random.lognormal(7, 1, 1000)])
usual, long = films[:5], np.array([[5700.0, 900.0]])
for detector, changes in ((ECOD, True), (COPOD, True), (HBOS, False), (KNN, False), (LOF, False), (GMM, False)):
    fitted = detector(contamination=0.01).fit(films)
    batch = np.vstack([usual, np.repeat(long, 100, axis=0)])
    expect(f"{detector.__name__}: the long film alone", int(fitted.predict(long)[0]), 1)
    expect(f"{detector.__name__}: outliers among 100 such films", int(fitted.predict(batch)[5:].sum()), 0 if changes else 100)
    other = not np.allclose(fitted.decision_function(usual), fitted.decision_function(batch)[:5])
    expect(f"{detector.__name__}: usual films get other scores", other, changes)
PY
